import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { withoutSecrets } from './redact.ts';

const MAX_LOG_BYTES = 256 * 1024;

type Logs = Readonly<Record<string, string>>;

/** Logs by service, without secrets. They are evidence, not the judgement: a provider that cannot give them says so in their place. */
export async function serviceLogs(
  ports: Ports,
  { environment, name }: { readonly environment: EnvironmentChoice; readonly name: string },
  io: Io,
): Promise<Logs> {
  try {
    return withoutSecrets(await ports.environment(environment).logs(name, MAX_LOG_BYTES, io), ports.redact);
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error;
    return withoutSecrets({ environment: `${error.message}\n${error.output}` }, ports.redact);
  }
}

/** Writes each log to a file of the folder; gives the files. */
export async function keepLogs(folder: string, logs: Logs): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Object.entries(logs).map(async ([service, text]) => {
      const file = path.join(folder, `${service.replace(/[^A-Za-z0-9._-]/g, '_')}.log`);
      await writeFile(file, text);
      return file;
    }),
  );
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the embedded server listens, and the base URL of its UI. */
export interface EmbeddedServer {
  readonly address: string;
  readonly ui: string;
}

/** What `TEMPORAL_*` or a profile says on the server. Throws when a profile cannot be read. */
export function connectConfig(environment: Environment): ClientConnectConfig {
  return loadClientConnectConfig({
    overrideEnvVars: Object.fromEntries(
      Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  });
}

/** True when the user names a server by `TEMPORAL_*` or a profile: then none is started. */
export function isExternal(environment: Environment): boolean {
  return connectConfig(environment).connectionOptions.address !== undefined;
}

/** The embedded server that was started last in `home`, running or not. */
export async function recordedServer(home: string): Promise<EmbeddedServer | undefined> {
  try {
    const record: EmbeddedServer = JSON.parse(await readFile(path.join(home, 'server.json'), 'utf8'));
    return record;
  } catch {
    return undefined;
  }
}

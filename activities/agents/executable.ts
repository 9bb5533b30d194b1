import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { AgentRejected } from './errors.ts';
import type { AgentConfig, AgentTask } from './index.ts';

/** The CLI of an agent: the option `command` (a path, or a name on PATH), else `name` on PATH. Throws AgentRejected with `hint`. */
export async function executable(
  { options }: AgentTask,
  { environment }: AgentConfig,
  { name, hint }: { readonly name: string; readonly hint: string },
): Promise<string> {
  const given = options['command'];
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  const wanted = given ?? name;
  const candidates = wanted.includes(path.sep)
    ? [path.resolve(wanted)]
    : folders.map((folder) => path.join(folder, wanted));
  for (const file of candidates) {
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  throw new AgentRejected(
    given === undefined
      ? `"${name}" is not on PATH: ${hint}`
      : `the agent's command ${given} is not an executable file`,
  );
}

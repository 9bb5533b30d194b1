import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../io.ts';
import type { CutText } from '../../process/kept.ts';
import type { LogRequest } from '../index.ts';
import { wanted, wantedOfFile } from '../log-text.ts';
import { noteFolder, readNote } from '../notes.ts';
import { demandVerb } from './call.ts';
import type { Commands } from './call.ts';
import { isGone, look, servicesOf } from './look.ts';

const LOG_SECONDS = 120;

type Logs = Readonly<Record<string, CutText>>;

/** What the verb `collect_logs` writes, else what `logs` prints for each service. Whether it keeps to the window is the command's affair. */
export async function logs(commands: Commands, request: LogRequest, io: Io): Promise<Logs> {
  const { name, since } = request;
  const seen = await look(commands, name, io);
  const note = await readNote(commands.root, name);
  if (isGone(seen.state) && note === undefined) return {};
  const { collect_logs: collect, logs: print } = commands.settings.commands;
  const call = { name, note, seconds: LOG_SECONDS };
  const window: Record<string, string> =
    since === undefined ? {} : { ENVIRONMENT_LOGS_SINCE: new Date(since.at).toISOString() };
  if (collect !== undefined) {
    const folder = path.join(noteFolder(commands.root, name), 'logs');
    await mkdir(folder, { recursive: true });
    const more = { ...window, ENVIRONMENT_LOGS: folder };
    await demandVerb(commands, { ...call, verb: 'collect_logs', more }, io);
    const found = await readLogs(folder, request);
    await rm(folder, { recursive: true, force: true });
    return found;
  }
  if (print === undefined) return {};
  const services = servicesOf(seen);
  const found: Record<string, CutText> = {};
  for (const service of services.length === 0 ? [''] : services) {
    const more = { ...window, ENVIRONMENT_SERVICE: service };
    const { stdout } = await demandVerb(commands, { ...call, verb: 'logs', more }, io);
    found[service === '' ? 'environment' : service] = wanted(stdout, request);
  }
  return found;
}

async function readLogs(folder: string, request: LogRequest): Promise<Logs> {
  const files = (await readdir(folder, { withFileTypes: true })).filter((file) => file.isFile());
  const read = files.map(async ({ name }) => [
    name.replace(/\.log$/, ''),
    await wantedOfFile(path.join(folder, name), request),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

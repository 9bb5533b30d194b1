import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ComposeSettings } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import type { EngineAccess } from './containers.ts';
import { LABELS } from './containers.ts';
import { callEngine, endOf } from './engine.ts';
import type { EngineCall } from './engine.ts';
import { ownFile, readConfiguration } from './own.ts';
import type { Configuration } from './own.ts';
import { DeployFailed, EnvironmentFault } from '../errors.ts';
import type { DeployRequest } from '../index.ts';
import { noteFolder } from '../notes.ts';
import { requestVariables, resourceName } from '../variables.ts';

/** What every call of a compose environment needs. */
export interface Compose extends EngineAccess {
  readonly settings: ComposeSettings;
  /** Folder of the notes. */
  readonly root: string;
}

const LOOK_SECONDS = 120;
// A configuration of more characters is nobody's.
const LONGEST = 1_000_000;

/** The label that all containers of an environment bear. */
export function labelOf(name: string): string {
  return `${LABELS.environment}=${resourceName(name)}`;
}

/**
 * A call of compose with the user's files and a file of our own that is kept with the note; its verb is to be added. Throws
 * EnvironmentFault when a file of the project's is missing or cannot be read, DeployFailed when one of the candidate's is.
 */
export async function composeCall(compose: Compose, request: DeployRequest, io: Io): Promise<EngineCall> {
  const { engine, settings, root } = compose;
  const folder = folderOf(compose, request);
  const files = settings.files.map((file) => path.resolve(folder, file));
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw missingFile(settings, path.relative(folder, missing));
  const profiles = settings.profiles.flatMap((profile) => ['--profile', profile]);
  const call: EngineCall = {
    line: [
      ...engine.compose,
      ...['--project-name', resourceName(request.name), '--project-directory', folder],
      ...files.flatMap((file) => ['--file', file]),
    ],
    cwd: folder,
    environment: {
      ...compose.environment,
      ...requestVariables(request),
    },
    seconds: LOOK_SECONDS,
  };
  const config: EngineCall = { ...call, line: [...call.line, ...profiles, 'config'] };
  const configured = await configurationOf(config, { settings, request }, io);
  const own = path.join(noteFolder(root, request.name), 'own.json');
  await mkdir(path.dirname(own), { recursive: true });
  await writeFile(own, ownFile(request, configured));
  return { ...call, line: [...call.line, '--file', own, ...profiles] };
}

interface Asked {
  readonly settings: ComposeSettings;
  readonly request: DeployRequest;
}

async function configurationOf(call: EngineCall, asked: Asked, io: Io): Promise<Configuration> {
  const result = await callEngine(call, io);
  if (result.exitCode !== 0) throw badFile(asked, endOf(call.line, result), result.output);
  const read = result.stdout.length > LONGEST ? undefined : readConfiguration(result.stdout);
  // What was printed may hold secrets of the services: it stays here.
  if (read === undefined) throw badFile(asked, 'what "compose config" makes of it cannot be read', '');
  return read;
}

// A file beside the project file is not the candidate's, unless it is one of the candidate's folders that compose stumbles over.
function badFile({ settings, request }: Asked, why: string, output: string): Error {
  const ofCandidate = Object.values(request.directories).some((folder) => output.includes(folder));
  return settings.repository !== undefined || ofCandidate
    ? new DeployFailed('environment', `has no valid compose file: ${why}`, output)
    : new EnvironmentFault('provider', `there is no valid compose file beside the project file: ${why}`, output);
}

function folderOf({ settings }: Compose, { directories }: DeployRequest): string {
  const { repository, directory } = settings;
  return repository === undefined ? directory : (directories[repository] ?? directory);
}

function missingFile({ repository }: ComposeSettings, file: string): Error {
  if (repository !== undefined) return new DeployFailed('environment', `has no compose file "${file}"`, '');
  return new EnvironmentFault('provider', `there is no compose file "${file}" beside the project file`);
}

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ComposeSettings } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import type { EngineAccess } from './containers.ts';
import { LABELS } from './containers.ts';
import { callEngine, endOf } from './engine.ts';
import type { EngineCall } from './engine.ts';
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

/** The label that all containers of an environment bear. */
export function labelOf(name: string): string {
  return `${LABELS.environment}=${resourceName(name)}`;
}

/**
 * A call of compose with the user's files and a file of labels that is kept with the note; its verb is to be added. Throws
 * EnvironmentFault when a file of the project's is missing, DeployFailed when compose cannot read the candidate's.
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
  const line: EngineCall['line'] = [...call.line, ...profiles];
  const asked: EngineCall = { ...call, line: [...line, 'config', '--services'] };
  const listed = await callEngine(asked, io);
  if (listed.exitCode !== 0)
    throw new DeployFailed('environment', `has no valid compose file: ${endOf(asked.line, listed)}`, listed.output);
  const labels = path.join(noteFolder(root, request.name), 'labels.json');
  await mkdir(path.dirname(labels), { recursive: true });
  await writeFile(
    labels,
    labelFile(
      request,
      listed.stdout.split(/\s+/).filter((service) => service !== ''),
    ),
  );
  return { ...call, line: [...call.line, '--file', labels, ...profiles] };
}

function folderOf({ settings }: Compose, { directories }: DeployRequest): string {
  const { repository, directory } = settings;
  return repository === undefined ? directory : (directories[repository] ?? directory);
}

function missingFile({ repository }: ComposeSettings, file: string): Error {
  if (repository !== undefined) return new DeployFailed('environment', `has no compose file "${file}"`, '');
  return new EnvironmentFault('provider', `there is no compose file "${file}" beside the project file`);
}

// Compose fills variables in: a dollar stands for itself when it is doubled.
function labelFile({ name, owner, commits }: DeployRequest, services: readonly string[]): string {
  const labels = Object.fromEntries(
    Object.entries({
      [LABELS.environment]: resourceName(name),
      [LABELS.name]: name,
      [LABELS.owner]: owner,
      [LABELS.commits]: JSON.stringify(commits),
    }).map(([key, value]) => [key, value.replaceAll('$', '$$$$')]),
  );
  return JSON.stringify({ services: Object.fromEntries(services.map((service) => [service, { labels }])) });
}

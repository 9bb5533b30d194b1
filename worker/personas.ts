import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileAt, fileNamesAt } from '../activities/git/file.ts';
import { ensureMirror, resolveBase } from '../activities/git/mirror.ts';
import { builtInPersonas, castRoles } from '../activities/personas.ts';
import { PERSONA_FOLDER } from '../domain/persona.ts';
import type { Persona } from '../domain/persona.ts';
import type { Project } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import { PersonaInvalid, parsePersona } from '../formats/persona.ts';
import { workerConfig } from './config.ts';
import { gitIdentity } from './identity.ts';
import { createPorts } from './ports.ts';

/** A persona that is there. Its file is empty for a built-in one. */
export interface FoundPersona {
  readonly file: string;
  readonly name: string;
  /** Nothing when its file cannot be used. */
  readonly persona: Persona | undefined;
  /** With their lines. */
  readonly problems: readonly string[];
}

export interface Survey {
  readonly personas: readonly FoundPersona[];
  /** Why roles of the project cannot be played, beside what is wrong with single files. */
  readonly problems: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const io = { signal: new AbortController().signal, progress: () => undefined };

/** The personas of a project: built-in ones, and those at the bases of its repositories, which it fetches. */
export async function surveyProject(project: Project, environment: Environment): Promise<Survey> {
  const ports = createPorts(workerConfig(environment), await gitIdentity(environment));
  const repositories: RunRepository[] = [];
  const found: FoundPersona[] = [];
  for (const { key, url, base } of project.repositories) {
    const credentials = ports.forge(project.forge).credentials(url);
    const mirror = await ensureMirror(ports.git, { url, credentials }, io);
    const commit = await resolveBase(ports.git, { mirror, url, base }, io);
    repositories.push({ key, url, base, baseCommit: commit });
    for (const name of await fileNamesAt(ports.git, { mirror, commit, folder: PERSONA_FOLDER }, io)) {
      const file = `${PERSONA_FOLDER}/${name}`;
      const text = name.endsWith('.md') ? await fileAt(ports.git, { mirror, commit, file }, io) : undefined;
      if (text !== undefined) found.push(read(text, `${key}: ${file}`));
    }
  }
  const cast = await castRoles(ports, { roles: project.roles, repositories, maxTurns: project.limits.agentTurns }, io);
  const known = new Set(found.flatMap(({ file, problems }) => problems.map((problem) => `${file}: ${problem}`)));
  return {
    personas: [...builtIn(), ...found],
    problems: 'why' in cast ? cast.why.filter((problem) => !known.has(problem)) : [],
  };
}

/** The same for a folder that need not be a repository, and without roles. */
export async function surveyFolder(folder: string): Promise<Survey> {
  const place = path.join(folder, PERSONA_FOLDER);
  const names = (await readdir(place).catch(() => [])).filter((name) => name.endsWith('.md')).toSorted();
  const found: FoundPersona[] = [];
  for (const name of names) {
    const file = path.join(place, name);
    if ((await stat(file)).isFile()) found.push(read(await readFile(file, 'utf8'), path.relative(folder, file)));
  }
  return { personas: [...builtIn(), ...found], problems: [] };
}

function builtIn(): readonly FoundPersona[] {
  return builtInPersonas().map((persona) => ({ file: '', name: persona.name, persona, problems: [] }));
}

function read(text: string, file: string): FoundPersona {
  const name = path.basename(file, '.md');
  try {
    return { file, name, persona: parsePersona({ text, name, file }), problems: [] };
  } catch (error) {
    if (error instanceof PersonaInvalid) return { file, name, persona: undefined, problems: error.problems };
    throw error;
  }
}

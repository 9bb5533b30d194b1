import { createHash } from 'node:crypto';
import { BUILT_IN_PERSONAS } from '../domain/built-in-personas.ts';
import { personaProblems } from '../domain/persona-support.ts';
import { PERSONA_FOLDER, personaFile } from '../domain/persona.ts';
import type { Persona, PersonaRef, PersonaRefs } from '../domain/persona.ts';
import type { RoleChoices } from '../domain/project.ts';
import { ROLES } from '../domain/roles.ts';
import type { Role } from '../domain/roles.ts';
import type { Run, RunRepository } from '../domain/run.ts';
import { hint } from '../formats/problems.ts';
import { PersonaInvalid, parsePersona } from '../formats/persona.ts';
import { fileAt, fileNamesAt } from './git/file.ts';
import { mirrorFolder } from './git/host.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface CastOrder {
  readonly roles: RoleChoices;
  readonly repositories: readonly RunRepository[];
  /** The project's limit of turns in a session. */
  readonly maxTurns: number;
}

type Signal = Pick<Io, 'signal'>;

/** Finds and checks the persona of every role. `why` says, in a sentence each, what makes a session impossible. */
export async function castRoles(
  ports: Ports,
  { roles, repositories, maxTurns }: CastOrder,
  io: Signal,
): Promise<{ readonly personas: PersonaRefs } | { readonly why: readonly string[] }> {
  const refs: Partial<Record<Role, PersonaRef>> = {};
  const why: string[] = [];
  for (const role of ROLES) {
    const choice = roles[role];
    if (choice === undefined) continue;
    const cast = await castRole(ports, { name: choice.persona, role, repositories }, io);
    if (Array.isArray(cast)) why.push(...cast);
    else {
      refs[role] = cast.ref;
      why.push(...personaProblems({ persona: cast.persona, agent: choice.agent, maxTurns }));
    }
  }
  return why.length > 0 ? { why } : { personas: refs };
}

/** The persona that the run has pinned for a role; none in a run that has pinned none. */
export async function pinnedPersona(
  ports: Ports,
  { run, role }: { readonly run: Run; readonly role: Role },
  io: Signal,
): Promise<Persona | undefined> {
  const ref = run.personas?.[role];
  if (ref === undefined) return undefined;
  const repository = run.repositories.find(({ key }) => key === ref.repository);
  const found = repository === undefined ? undefined : await readPersona(ports, { name: ref.name, repository }, io);
  const persona = found ?? (ref.repository === null ? builtIn(ref.name) : undefined);
  if (persona === undefined) throw new Error(`the persona ${ref.name} of ${ref.repository} is not there any more`);
  return persona;
}

/** Every built-in persona. */
export function builtInPersonas(): readonly Persona[] {
  return BUILT_IN_PERSONAS.map((words) => ({
    ...words,
    sha256: createHash('sha256').update(words.instructions).digest('hex'),
    noCode: false,
  }));
}

const builtIn = (name: string): Persona | undefined => builtInPersonas().find((persona) => persona.name === name);

interface RoleOrder {
  readonly name: string | undefined;
  readonly role: Role;
  readonly repositories: readonly RunRepository[];
}

/** The first repository that has the file gives it; a role that names no persona is played by the built-in one. */
async function castRole(
  ports: Ports,
  { name = '', role, repositories }: RoleOrder,
  io: Signal,
): Promise<{ ref: PersonaRef; persona: Persona } | string[]> {
  try {
    for (const repository of name === '' ? [] : repositories) {
      const persona = await readPersona(ports, { name, repository }, io);
      if (persona !== undefined) return pinned(persona, repository.key);
    }
  } catch (error) {
    if (error instanceof PersonaInvalid) return error.message.split('\n');
    throw error;
  }
  const persona = builtIn(name === '' ? role : name);
  if (persona !== undefined) return pinned(persona, null);
  const bases = repositories.map(({ key, base }) => `${key} (${base})`).join(', ');
  const near = hint(name, await namesIn(ports, repositories, io));
  return [`"roles.${role}.persona" is "${name}", but there is no ${personaFile(name)} in ${bases}${near}`];
}

/** Names of all personas that there are, built-in ones too. */
async function namesIn(ports: Ports, repositories: readonly RunRepository[], io: Signal): Promise<readonly string[]> {
  const names = BUILT_IN_PERSONAS.map(({ name }) => name);
  for (const { url, baseCommit } of repositories) {
    const place = { mirror: mirrorFolder(ports.git, url), commit: baseCommit, folder: PERSONA_FOLDER };
    const files = await fileNamesAt(ports.git, place, io);
    names.push(...files.filter((file) => file.endsWith('.md')).map((file) => file.slice(0, -3)));
  }
  return names;
}

function pinned(persona: Persona, repository: string | null): { ref: PersonaRef; persona: Persona } {
  return { ref: { name: persona.name, repository, sha256: persona.sha256 }, persona };
}

async function readPersona(
  ports: Ports,
  { name, repository }: { readonly name: string; readonly repository: RunRepository },
  io: Signal,
): Promise<Persona | undefined> {
  const { key, url, baseCommit } = repository;
  const file = personaFile(name);
  const text = await fileAt(ports.git, { mirror: mirrorFolder(ports.git, url), commit: baseCommit, file }, io);
  return text === undefined ? undefined : parsePersona({ text, name, file: `${key}: ${file}` });
}

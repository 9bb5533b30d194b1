import { readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { workIdProblem } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import type { Spec, SpecSource } from '../domain/spec.ts';
import { agentProblems } from '../formats/agent.ts';
import { hint } from '../formats/problems.ts';
import { ProjectInvalid, parseProject } from '../formats/project.ts';
import { decodeSpec, parseSpec } from '../formats/spec.ts';
import { UsageError } from './errors.ts';

const PROJECT_FILE = 'spec-to-pr.yaml';

export interface OrderOptions {
  readonly file?: string;
  readonly inline?: string;
  readonly stdin?: boolean;
  readonly workId?: string;
  readonly project?: string;
  readonly agent?: string;
}

export interface Order {
  readonly project: Project;
  readonly spec: Spec;
  readonly source: SpecSource;
}

/** Reads the project file: the given one, else the nearest from here upward. */
export async function loadProject(given: string | undefined, agent?: string): Promise<Project> {
  const file = given === undefined ? nearest(process.cwd()) : path.resolve(given);
  if (file === undefined)
    throw new UsageError(`no ${PROJECT_FILE} here or in a folder above: write one, or name it with --project`);
  const text = await readText(file, 'the project file');
  const project = parseProject({
    text,
    name: path.relative(process.cwd(), file) || file,
    directory: path.dirname(file),
  });
  const { developer } = project.roles;
  if (agent === undefined || agent === developer.agent.name) return project;
  const [problem] = agentProblems(agent, { place: 'agent', given: [] });
  if (problem !== undefined) throw new UsageError(`--agent: ${problem}`);
  const played = { agent: { name: agent, options: {} } };
  const { developer: _, ...others } = project.roles;
  const roles = Object.entries(others).map(([role, choice]) => [role, { ...choice, ...played }]);
  return { ...project, roles: { developer: { ...developer, ...played }, ...Object.fromEntries(roles) } };
}

function nearest(folder: string): string | undefined {
  const file = path.join(folder, PROJECT_FILE);
  if (existsSync(file)) return file;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : nearest(parent);
}

async function readText(file: string, what: string): Promise<string> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${what} ${file} does not exist`);
  if (!found.isFile()) throw new UsageError(`${what} ${file} is not a file`);
  return readFile(file, 'utf8');
}

/** The spec by whichever door it comes, checked the way a run checks it. */
async function loadSpec(options: OrderOptions): Promise<{ spec: Spec; source: SpecSource }> {
  const doors = [options.file, options.inline, options.stdin].filter((door) => door !== undefined);
  if (doors.length !== 1)
    throw new UsageError(
      doors.length === 0
        ? 'no spec: give --file, --inline or --stdin'
        : 'give only one of --file, --inline and --stdin',
    );
  const { workId } = options;
  const problem = workId === undefined ? undefined : workIdProblem(workId);
  if (problem !== undefined) throw new UsageError(problem);
  const source = await readSource(options);
  return {
    source,
    spec: parseSpec({ text: source.text, name: source.name, ...(workId === undefined ? {} : { workId }) }),
  };
}

async function readSource({ file, inline }: OrderOptions): Promise<SpecSource> {
  if (inline !== undefined)
    return { kind: 'inline', name: 'inline text', text: decodeSpec(Buffer.from(inline), 'inline text') };
  if (file === undefined)
    return { kind: 'stdin', name: 'standard input', text: decodeSpec(await readStdin(), 'standard input') };
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new UsageError(`the spec ${file} does not exist`);
  if (!found.isFile()) throw new UsageError(`the spec ${file} is not a file`);
  return { kind: 'file', name: path.basename(file), text: decodeSpec(await readFile(file), file) };
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Everything a run needs, checked together. */
export async function loadOrder(options: OrderOptions): Promise<Order> {
  const project = await loadProject(options.project, options.agent);
  const { spec, source } = await loadSpec(options);
  const keys = project.repositories.map(({ key }) => key);
  const unknown = spec.repositories.filter((key) => !keys.includes(key));
  if (unknown.length > 0)
    throw new ProjectInvalid(
      source.name,
      unknown.map((key) => `the spec names the repository "${key}", which the project does not have${hint(key, keys)}`),
    );
  return { project, spec, source };
}

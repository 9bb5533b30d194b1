import { stat } from 'node:fs/promises';
import path from 'node:path';
import Table from 'cli-table3';
import { oneLine } from '../../domain/text.ts';
import type { FoundPersona, Survey } from '../../worker/personas.ts';
import { EXIT, UsageError } from '../errors.ts';
import { loadProject } from '../order.ts';

interface PersonasOptions {
  readonly project?: string;
  readonly folder?: string;
  readonly json?: boolean;
}

/** `spec-to-pr personas list` and `spec-to-pr personas check` */
export async function verb(options: PersonasOptions, action = ''): Promise<number> {
  if (action !== 'list' && action !== 'check')
    throw new UsageError(`${action === '' ? 'no action' : `"${action}" is no action`}: use list or check`);
  const found = await survey(options);
  if (action === 'check') return check(found, options);
  if (options.json === true) process.stdout.write(`${JSON.stringify(found.personas.map(row))}\n`);
  else {
    const table = new Table({ head: ['name', 'file', 'description'], style: { head: [], border: [] } });
    for (const { name, file, description } of found.personas.map(row))
      table.push([name, file || 'built-in', oneLine(description, 80)]);
    process.stdout.write(`${table.toString()}\n`);
  }
  return EXIT.done;
}

async function survey({ project, folder }: PersonasOptions): Promise<Survey> {
  const { surveyFolder, surveyProject } = await import('../../worker/personas.ts');
  if (folder === undefined) return surveyProject(await loadProject(project), process.env);
  if (project !== undefined) throw new UsageError('give only one of --folder and --project');
  const there = await stat(folder).catch(() => undefined);
  if (there?.isDirectory() !== true) throw new UsageError(`${folder} is not a folder`);
  return surveyFolder(path.resolve(folder));
}

function row({ name, file, persona, problems }: FoundPersona) {
  const usable = persona === undefined ? `cannot be used: ${problems[0] ?? ''}` : persona.description;
  return { name, file, description: usable, sha256: persona?.sha256 ?? null };
}

function check({ personas, problems }: Survey, { json }: PersonasOptions): number {
  const all = [
    ...personas.flatMap(({ file, problems: own }) => own.map((problem) => ({ file, ...located(problem) }))),
    ...problems.map((problem) => ({ file: null, line: null, problem })),
  ];
  if (json === true) process.stdout.write(`${JSON.stringify({ valid: all.length === 0, problems: all })}\n`);
  else if (all.length === 0) process.stdout.write(`${personas.length} personas can be used\n`);
  else
    for (const { file, line, problem } of all)
      process.stdout.write(`${file === null ? '' : `${file}: `}${line === null ? '' : `line ${line}: `}${problem}\n`);
  return all.length === 0 ? EXIT.done : EXIT.usage;
}

/** The line that a problem tells at its start, apart from it. */
function located(problem: string): { readonly line: number | null; readonly problem: string } {
  const [, line, rest] = /^line (\d+): ([\s\S]*)$/.exec(problem) ?? [];
  return line === undefined ? { line: null, problem } : { line: Number(line), problem: rest ?? '' };
}

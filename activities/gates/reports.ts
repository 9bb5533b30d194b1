import { glob, lstat, mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReportText } from '../../formats/reports/index.ts';

interface Place {
  readonly directory: string;
  /** Paths or globs below `directory`. */
  readonly reports: readonly string[];
}

const MAX_REPORT_BYTES = 32 * 1024 * 1024;
const MAX_KEPT_FILES = 10;

/** Removes what an earlier run has left, so that it is never taken for this one's. */
export async function removeReports(place: Place): Promise<void> {
  for (const name of await reportNames(place)) await rm(path.join(place.directory, name), { force: true });
}

/** The reports that are there now, by name. One larger than 32 MB has no text and says so. */
export async function readReports(place: Place): Promise<readonly ReportText[]> {
  const found: ReportText[] = [];
  for (const name of await reportNames(place)) {
    const file = path.join(place.directory, name);
    if ((await lstat(file)).size <= MAX_REPORT_BYTES) found.push({ name, text: await readFile(file, 'utf8') });
    else found.push({ name, text: '', problem: `is larger than ${MAX_REPORT_BYTES / 1024 / 1024} MB` });
  }
  return found;
}

// Plain files inside of the worktree only: a link could lead to what is not the command's to show, or to remove.
async function reportNames({ directory, reports }: Place): Promise<readonly string[]> {
  const root = await realpath(directory);
  const names = new Set<string>();
  for (const pattern of reports)
    for await (const name of glob(pattern, { cwd: directory })) {
      const file = path.resolve(directory, name);
      const parent = await realpath(path.dirname(file)).catch(() => '');
      const inside = parent === root || parent.startsWith(root + path.sep);
      if (inside && (await lstat(file)).isFile()) names.add(path.relative(directory, file));
    }
  return [...names].toSorted();
}

/** Writes a command's output and reports into the folder `keep`, at most a dozen files. Gives their paths. */
export async function keepEvidence(
  target: { readonly keep: string; readonly name: string },
  output: string,
  reports: readonly ReportText[],
): Promise<readonly string[]> {
  const readable = reports.filter(({ problem }) => problem === undefined);
  const rest = readable.slice(MAX_KEPT_FILES);
  const files = [
    { suffix: '.log', text: output },
    ...readable.slice(0, MAX_KEPT_FILES).map(({ name, text }) => ({ suffix: `-${name}`, text })),
    ...(rest.length === 0 ? [] : [{ suffix: '-more-reports.txt', text: rest.map(titled).join('\n') }]),
  ];
  await mkdir(target.keep, { recursive: true });
  const paths: string[] = [];
  for (const { suffix, text } of files) {
    const file = path.join(target.keep, `${target.name}${suffix}`.replace(/[^A-Za-z0-9._-]+/g, '-').slice(-150));
    await writeFile(file, text);
    paths.push(file);
  }
  return paths;
}

function titled({ name, text }: ReportText): string {
  return `== ${name}\n${text}`;
}

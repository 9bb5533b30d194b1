import path from 'node:path';
import { execa } from 'execa';

const ROOT = path.dirname(import.meta.dirname);

/** The CLI of this checkout with a state folder of its own. Throws when it fails. */
export async function cli(home: string, cwd: string, ...args: string[]): Promise<string> {
  const flags = ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'client', 'main.ts')];
  const { stdout } = await execa(process.execPath, [...flags, ...args], { cwd, env: { SPEC_TO_PR_HOME: home } });
  return stdout;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

import path from 'node:path';
import { execa } from 'execa';

const ROOT = path.dirname(import.meta.dirname);

/** The compiled CLI, as the package has it. */
export const MAIN = path.join(ROOT, 'dist', 'client', 'main.js');

/** Compiles the package. */
export async function build(): Promise<void> {
  const script = path.join(ROOT, 'scripts', 'build.ts');
  await execa(process.execPath, ['--disable-warning=ExperimentalWarning', script], { cwd: ROOT });
}

/** Runs the compiled CLI with a state folder of its own. Throws when it fails. */
export async function cli(home: string, cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [MAIN, ...args], { cwd, env: { SPEC_TO_PR_HOME: home } });
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

import path from 'node:path';
import { execa } from 'execa';

const root = path.dirname(import.meta.dirname);
const checks: readonly (readonly [string, ...string[]])[] = [
  ['oxfmt', '--check', '.'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['tsc', '-p', '.'],
];

const results = await Promise.all(
  checks.map(([command, ...words]) =>
    execa(path.join(root, 'node_modules', '.bin', command), words, { cwd: root, reject: false, all: true }),
  ),
);
for (const [index, result] of results.entries()) {
  process.stdout.write(`${result.exitCode === 0 ? 'ok    ' : 'failed'} ${checks[index]?.join(' ') ?? ''}\n`);
  if (result.exitCode !== 0) process.stdout.write(`${result.all}\n`);
}
process.exitCode = results.every(({ exitCode }) => exitCode === 0) ? 0 : 1;

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { judge } from '../../formats/judge.ts';
import type { Judgement } from '../../formats/judge.ts';

// Labelled runs of real tools, which stand beside a checkout where they are developed against.
const folder = path.resolve(import.meta.dirname, '../../../shared/corpus/failures/dev');
const there = existsSync(folder) ? test : test.skip;

interface Run {
  readonly id: string;
  readonly truth: {
    readonly class: string;
    readonly class_also?: readonly string[];
    readonly failing_tests: readonly string[];
    readonly total: number | null;
    readonly passed: number | null;
    readonly alt_counts?: readonly { readonly total: number; readonly passed: number; readonly failed: number }[];
  };
}

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
}

const linesOf = (name: string): readonly string[] => readFileSync(path.join(folder, name), 'utf8').trim().split('\n');

function judged(id: string): Judgement {
  const at = (name: string): string => path.join(folder, 'runs', id, name);
  return judge({
    output: readFileSync(at('stdout.txt'), 'utf8'),
    exitCode: Number(readFileSync(at('exit_code'), 'utf8')),
    reports: existsSync(at('report.xml')) ? [{ name: 'report.xml', text: readFileSync(at('report.xml'), 'utf8') }] : [],
  });
}

there('labelled runs are judged right: class, counts, and whether two failures are the same', () => {
  const runs: readonly Run[] = linesOf('runs.jsonl').map((line) => JSON.parse(line));
  const found = new Map(runs.map(({ id }) => [id, judged(id)]));
  const right = (share: readonly boolean[]): number => share.filter(Boolean).length / share.length;
  const classes = runs.map(({ id, truth }) =>
    [truth.class, ...(truth.class_also ?? [])].includes(found.get(id)?.class ?? ''),
  );
  const counts = runs
    .filter(({ truth }) => truth.total !== null)
    .map(({ id, truth }) => {
      const { passed, failed, total } = found.get(id) ?? {};
      const own = { passed: truth.passed, failed: truth.failing_tests.length, total: truth.total };
      return [own, ...(truth.alt_counts ?? [])].some(
        (wanted) => wanted.passed === passed && wanted.failed === failed && wanted.total === total,
      );
    });
  const labelled: readonly Pair[] = linesOf('pairs.jsonl').map((line) => JSON.parse(line));
  const pairs = labelled.map(({ a, b, same }) => {
    const print = found.get(a)?.fingerprint ?? '';
    return { same, said: print !== '' && print === found.get(b)?.fingerprint };
  });
  const [hits, wrong, missed] = [
    pairs.filter(({ same, said }) => same && said).length,
    pairs.filter(({ same, said }) => !same && said).length,
    pairs.filter(({ same, said }) => same && !said).length,
  ];
  expect(right(classes)).toBeGreaterThanOrEqual(0.98);
  expect(right(counts)).toBeGreaterThanOrEqual(0.99);
  expect((2 * hits) / (2 * hits + wrong + missed)).toBeGreaterThanOrEqual(0.97);
});

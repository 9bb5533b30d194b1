import type { Criterion } from './spec.ts';

/** How many tests that name a criterion passed and failed, by its id. */
export type Coverage = Readonly<Record<string, { readonly passed: number; readonly failed: number }>>;

interface Case {
  readonly id: string;
  readonly result: 'passed' | 'failed' | 'skipped';
}

/** Tests by the criterion that their id names, as `AC-1`, `ac_1` or `AC 1`; skipped ones prove nothing. Criteria that no test names are left out. */
export function coverageOf(criteria: readonly string[], cases: readonly Case[]): Coverage {
  const found = new Map<string, { passed: number; failed: number }>();
  const patterns = criteria.map((id): [string, RegExp] => [id, patternOf(id)]);
  for (const { id, result } of cases) {
    if (result === 'skipped') continue;
    for (const [criterion, pattern] of patterns) {
      if (!pattern.test(id)) continue;
      const counts = found.get(criterion) ?? { passed: 0, failed: 0 };
      counts[result] += 1;
      found.set(criterion, counts);
    }
  }
  return Object.fromEntries(found);
}

function patternOf(id: string): RegExp {
  const words = id.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return new RegExp(`(^|[^a-z0-9])${words.join('[-_ ]?')}([^a-z0-9]|$)`, 'i');
}

/** A criterion's evidence in a few words; empty where no test of the run names any criterion. */
export function coverageLine({ id }: Criterion, coverage: Coverage | undefined): string {
  if (coverage === undefined) return '';
  const counts = coverage[id];
  if (counts === undefined) return 'no test names it';
  const { passed, failed } = counts;
  return failed === 0 ? `${passed} passed` : `${passed} passed, ${failed} failed`;
}

import { expect, test } from '@jest/globals';
import { coverageLine, coverageOf } from '../../domain/criteria.ts';

test.each([
  ['AC-1 pays', true],
  ['suite › ac_1: pays', true],
  ['test_ac1_pays', true],
  ['AC 1', true],
  ['AC-12 pays', false],
  ['TRAC-1', false],
  ['pays', false],
])('the test "%s" names the criterion AC-1: %s', (id, names) => {
  expect(coverageOf(['AC-1'], [{ id, result: 'passed' }])).toEqual(names ? { 'AC-1': { passed: 1, failed: 0 } } : {});
});

test('skipped tests prove nothing, and a criterion without a test is said where others have some', () => {
  const coverage = coverageOf(
    ['AC-1', 'AC-2'],
    [
      { id: 'AC-1 a', result: 'failed' },
      { id: 'AC-1 b', result: 'passed' },
      { id: 'AC-2', result: 'skipped' },
    ],
  );
  expect(coverageLine({ id: 'AC-1', text: '' }, coverage)).toBe('1 passed, 1 failed');
  expect(coverageLine({ id: 'AC-2', text: '' }, coverage)).toBe('no test names it');
  expect(coverageLine({ id: 'AC-1', text: '' }, undefined)).toBe('');
});

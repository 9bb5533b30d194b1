import { expect, test } from '@jest/globals';
import { bySession } from '../../domain/session-name.ts';

test('sessions are ordered by when they were begun: answers and cords first, then attempts, then steps', () => {
  const begun = [
    'implement-1',
    'diagnose-1',
    'implement-2',
    'diagnose-2',
    'implement-10',
    'diagnose-1.1',
    'implement-2.1',
    'implement-11.2',
    'implement-3.10',
  ];
  expect(begun.toReversed().toSorted(bySession)).toEqual(begun);
});

test('names of other things come last, by their letters and numbers', () => {
  expect(['other-10', 'other-2', 'implement-9', 'implement-x'].toSorted(bySession)).toEqual([
    'implement-9',
    'implement-x',
    'other-2',
    'other-10',
  ]);
});

import { expect, test } from '@jest/globals';
import { keeper } from '../../../activities/process/kept.ts';

/** What is left of a text that comes in pieces of this size. */
function kept(text: string, { piece, max }: { piece: number; max: number }): { text: string; cut: number } {
  const bytes = Buffer.from(text);
  const keeps = keeper(max);
  for (let at = 0; at < bytes.length; at += piece) keeps.add(bytes.subarray(at, at + piece));
  return { text: keeps.text(), cut: keeps.cut() };
}

test.each([1, 3, 7, 1000])('what fits is kept as it is, in pieces of %d bytes', (piece) => {
  expect(kept('grün und blau', { piece, max: 15 })).toEqual({ text: 'grün und blau', cut: 0 });
  expect(kept('', { piece, max: 0 })).toEqual({ text: '', cut: 0 });
});

test.each([1, 3, 7, 1000])(
  'of more the head and the tail are kept and the rest is counted, in pieces of %d bytes',
  (piece) => {
    const digits = Array.from({ length: 1000 }, (_, n) => String(n % 10)).join('');
    const text = '0123\n[984 bytes left out here]\n890123456789';
    expect(kept(digits, { piece, max: 16 })).toEqual({ text, cut: 984 });
  },
);

test('no half of a character is shown where the middle is cut', () => {
  expect(kept('€€€€€€€€€€', { piece: 4, max: 16 })).toEqual({ text: '€\n[14 bytes left out here]\n€€€€', cut: 14 });
});

test('what is larger than the first store is kept in order', () => {
  const text = Array.from({ length: 40_000 }, (_, n) => `${n}\n`).join('');
  expect(kept(text, { piece: 10_000, max: 1_000_000 })).toEqual({ text, cut: 0 });
});

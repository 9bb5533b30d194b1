import { expect, test } from '@jest/globals';
import { printable } from '../../client/printable.ts';

test.each([
  ['plain text, größer, 日本語 🎉', 'plain text, größer, 日本語 🎉'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['\u001B[31mred\u001B[0m', 'red'],
  ['\u001B]0;a title\u0007shown', 'shown'],
  ['\u001B]8;;https://example.com\u0007link\u001B]8;;\u0007', 'link'],
  ['over\rwritten\b\u0000\u009B2J', 'overwritten'],
])('%j is printed as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

import { expect, test } from '@jest/globals';
import { block, cell, code, inert } from '../../domain/markdown.ts';

test('what nobody would see is taken out: terminal codes, control and direction characters, zero-width letters and tags', () => {
  const hidden = 'a\u001B[31mb\u001B[0m\u0007\u202Ec\u2066d\u200Be\u2060f\uFEFFg\u{E0041}\u{E007F}h\u{E0101}i\r\nj\tk';
  expect(inert(hidden)).toBe('abcdefghi\nj\tk');
});

test('joiners of scripts and emoji stay', () => {
  expect(inert('\u0645\u06CC\u200C\u062E \u{1F469}\u200D\u{1F4BB}')).toBe(
    '\u0645\u06CC\u200C\u062E \u{1F469}\u200D\u{1F4BB}',
  );
});

test('an HTML comment that zero-width letters hid is broken, too', () => {
  expect(inert('<\u200B!-- x')).toBe('<\u200B!-- x');
  expect(inert('<!\u2060-- x')).toBe('<\u200B!-- x');
});

test('code and blocks hold any run of backticks', () => {
  expect(code('a``b')).toBe('``` a``b ```');
  expect(block('```\n# Title', 100)).toBe('````\n```\n# Title\n````');
});

test("a vertical bar in a cell neither ends the cell nor the table's row, elsewhere it stays", () => {
  expect([cell('a | b'), cell('||'), cell('a\\|b'), code('a | b')]).toEqual(['`a ¦ b`', '`¦¦`', '`a\\¦b`', '`a | b`']);
  const row = `| ${cell('x | y `z` \n| - |')} | ${cell('|'.repeat(300))} |`;
  expect([row.split('|').length, row.includes('\n')]).toEqual([4, false]);
});

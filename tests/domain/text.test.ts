import { expect, test } from '@jest/globals';
import { fence, longestTicks } from '../../domain/text.ts';

test.each<[string, string]>([
  ['plain', '```\nplain\n```'],
  ['a `b` c', '```\na `b` c\n```'],
  ['```\nx\n```', '````\n```\nx\n```\n````'],
  ['`````', '``````\n`````\n``````'],
])('the text %j is fenced so that it cannot close the fence', (text, fenced) => {
  expect(fence(text)).toBe(fenced);
});

test('a text of half a million runs of backticks is fenced like any other', () => {
  const text = '`x'.repeat(500_000);
  expect(fence(text)).toBe(`\`\`\`\n${text}\n\`\`\``);
  expect(longestTicks(`${text}${'`'.repeat(7)}`)).toBe(7);
});

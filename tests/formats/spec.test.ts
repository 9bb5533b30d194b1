import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { SpecInvalid, parseSpec } from '../../formats/spec.ts';

const parse = (text: string, workId?: string) =>
  parseSpec({ text, name: 'spec', ...(workId === undefined ? {} : { workId }) });

test('front matter and sections become the parts of a spec', () => {
  const text =
    '---\nwork_id: GH-42\ntitle: Cards\nrepos: api\nlabels: [a, b]\n---\n# Other\n\n## Acceptance criteria\n- [ ] One\n  goes on\n- [x] Two\n1. Three\n\n## Constraints\n* Small\n';
  expect(parse(text)).toEqual({
    workId: 'GH-42',
    title: 'Cards',
    body: text.slice(text.indexOf('# Other')),
    sha256: createHash('sha256').update(text).digest('hex'),
    criteria: [
      { id: 'AC-1', text: 'One goes on' },
      { id: 'AC-2', text: 'Two' },
      { id: 'AC-3', text: 'Three' },
    ],
    constraints: ['Small'],
    repositories: ['api'],
    labels: ['a', 'b'],
  });
});

test('a spec without anything but text has an id of its content and its first line as title', () => {
  const spec = parse('Make it faster\n\nMuch.');
  expect([spec.title, spec.workId, spec.criteria]).toEqual(['Make it faster', `SPEC-${spec.sha256.slice(0, 6)}`, []]);
});

test('the same text with a byte order mark or other line ends is the same spec', () => {
  expect(parse('\uFEFF# A\r\n\r\nb')).toEqual(parse('# A\n\nb'));
});

test('headings and lists inside code fences are not read', () => {
  const spec = parse('```\n# No\n## Acceptance criteria\n- no\n```\n# Yes\n');
  expect([spec.title, spec.criteria]).toEqual(['Yes', []]);
});

test('a given work id wins', () => {
  expect(parse('---\nwork_id: A-1\n---\nx', 'B-2').workId).toBe('B-2');
});

test.each<[string, string]>([
  ['', 'the spec is empty: say what to build'],
  ['---\ntitle: a\n---\n  \n', 'the spec has front matter but no text: say what to build'],
  ['a\0b', 'the spec is a binary file: give it as Markdown text'],
  [
    '---\nwork_id: ../../x\n---\nb',
    'work id "../../x" is not usable: 1 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit',
  ],
  ['---\ntitle: 7\n---\nb', 'line 2: "title" has to be text, not a number'],
  ['---\ntitle: a\nlables: [x]\n---\nb', 'line 3: unknown key "lables": did you mean "labels"?'],
])('%j is refused: %s', (text, problem) => {
  try {
    parse(text);
    throw new Error('it was accepted');
  } catch (error) {
    expect(error instanceof SpecInvalid ? error.problems : error).toEqual([problem]);
  }
});

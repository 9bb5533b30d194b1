import { expect, test } from '@jest/globals';
import { acceptedReply, commandOf, mayAnswer, refusedReply } from '../../domain/comment-answer.ts';
import type { Answer } from '../../domain/answer.ts';
import type { Comment } from '../../domain/comment-answer.ts';

const written = (body: string, edited = false): Comment => ({
  id: 7,
  url: 'https://forge/1#7',
  body,
  author: 'Ann',
  association: 'NONE',
  automated: false,
  edited,
});

test.each<[string, Answer]>([
  ['/spec-to-pr retry', { decision: 'retry', by: 'Ann' }],
  ['/spec-to-pr abort\r\n', { decision: 'abort', by: 'Ann' }],
  ['/spec-to-pr  accept_draft\t--question=q2 ', { decision: 'accept_draft', question: 'q2', by: 'Ann' }],
  [
    '/spec-to-pr retry --attempts 2 --usd 1.5 --tokens 1000 --minutes 30 --question q1',
    { decision: 'retry', attempts: 2, usd: 1.5, tokens: 1000, minutes: 30, question: 'q1', by: 'Ann' },
  ],
  ['/spec-to-pr resume', { decision: 'resume', by: 'Ann' }],
  [
    '/spec-to-pr resume --at api=ann/fix --at=web=v1.2 --question q2',
    { decision: 'resume', refs: { api: 'ann/fix', web: 'v1.2' }, question: 'q2', by: 'Ann' },
  ],
  [
    '/spec-to-pr retry\r\n\r\n  Prices are in cents.\r\n```\n/spec-to-pr abort\n```\n',
    {
      decision: 'retry',
      by: 'Ann',
      guidance: '\r\n  Prices are in cents.\r\n```\n/spec-to-pr abort\n```\n',
    },
  ],
  ['/spec-to-pr retry\n \r\n\t\n', { decision: 'retry', by: 'Ann' }],
])('the comment %j is the answer %j', (body, answer) => {
  expect(commandOf(written(body))).toEqual({ answer });
});

test.each([
  'retry please',
  'You could say /spec-to-pr abort here',
  'Prose first.\n/spec-to-pr abort',
  '> /spec-to-pr abort',
  '`/spec-to-pr abort`',
  '```\n/spec-to-pr abort\n```',
  '    /spec-to-pr abort',
  ' /spec-to-pr abort',
  '\n/spec-to-pr abort',
  '/spec-to-prs abort',
  '/SPEC-TO-PR abort',
  '/spec-to-pr\u200B abort',
  '\u202E/spec-to-pr abort',
  '<!-- spec-to-pr:note:00000000000000000000000000000000 -->\n/spec-to-pr abort',
  '',
])('the comment %j is none', (body) => {
  expect(commandOf(written(body))).toBeUndefined();
});

test.each<[string, string]>([
  ['/spec-to-pr', 'there is no decision: use resume, retry, '],
  ['/spec-to-pr merge', '"merge" is no decision: use resume, retry, '],
  ['/spec-to-pr Retry', '"Retry" is no decision: use resume, retry, '],
  ['/spec-to-pr retry\u200B', '"retry\u200B" is no decision: use resume, retry, '],
  ['/spec-to-pr retry please', '"please" is no option: use --attempts, --usd, --tokens, --minutes, --question, --at'],
  ['/spec-to-pr retry --force', '"--force" is no option: '],
  ['/spec-to-pr retry --by ben', '"--by" is no option: '],
  ['/spec-to-pr retry --usd', '--usd has to be a positive number, not ""'],
  ['/spec-to-pr retry --usd 1e9', '--usd has to be a positive number, not "1e9"'],
  ['/spec-to-pr retry --usd -5', '--usd has to be a positive number, not "-5"'],
  ['/spec-to-pr retry --usd 0', 'usd has to be a positive number'],
  ['/spec-to-pr retry --usd 9999999999', 'usd has to be a positive number'],
  ['/spec-to-pr retry --attempts 1.5', 'attempts has to be a whole number'],
  ['/spec-to-pr retry --usd 1 --usd 2', '--usd is given twice'],
  ...['', ' api', ' =main', ' api=', '=api'].map((given): [string, string] => [
    `/spec-to-pr resume --at${given}`,
    `--at takes <repository>=<branch, tag or commit>, not "${given.replace('=api', 'api').trim()}"`,
  ]),
  ['/spec-to-pr resume --at api=a --at api=b', '--at is given twice for "api"'],
  ['/spec-to-pr retry --at api=main', 'refs go with resume only'],
  ...['--upload-pack=x', 'a..b', '$(x)', '\u202Emain', 'a=b', 'x'.repeat(300)].map((ref): [string, string] => [
    `/spec-to-pr resume --at api=${ref}`,
    'refs name a branch, tag or commit by repository, as in ',
  ]),
  [`/spec-to-pr retry --question ${'q'.repeat(21)}`, 'question has 21 characters, at most 20 are taken'],
  [`/spec-to-pr retry\n${'x'.repeat(20_001)}`, 'guidance has 20001 characters, at most 20000 are taken'],
])('the command %j is refused with %j', (body, why) => {
  expect(commandOf(written(body))).toEqual({ problem: expect.stringMatching(new RegExp(`^${escaped(why)}`)) });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

test('an edited comment is refused, for what it said first is unknown; edited prose stays prose', () => {
  expect(commandOf(written('/spec-to-pr abort', true))).toEqual({
    problem: 'the comment was edited, and who wrote what cannot be told: write a new one',
  });
  expect(commandOf(written('never mind', true))).toBeUndefined();
});

test.each<[string, boolean, Partial<Comment>]>([
  ['a listed account, however it is spelt', true, { author: 'ann' }],
  ['a listed association', true, { author: 'ben', association: 'MEMBER' }],
  ['anybody else', false, { author: 'ben', association: 'CONTRIBUTOR' }],
  ['a name that only begins like a listed one', false, { author: 'ann-2' }],
  ['a program with the name of a listed account', false, { author: 'Ann', automated: true }],
])('%s may answer: %s', (_, may, changes) => {
  const policy = { authors: ['Ann'], associations: ['OWNER', 'MEMBER'] };
  expect(mayAnswer(policy, { ...written(''), ...changes })).toBe(may);
});

test('replies say what was taken or why not, and what people wrote is inert in them', () => {
  expect(acceptedReply({ decision: 'retry', by: 'ann', usd: 5, attempts: 2, guidance: 'abc' }, 'q1')).toBe(
    'Accepted for `q1`: `retry` by `ann`, attempts +2, usd +5, 3 characters of guidance.',
  );
  expect(acceptedReply({ decision: 'resume', by: 'ann', refs: { api: 'ann/fix' } }, 'q2')).toBe(
    'Accepted for `q2`: `resume` by `ann`, `api` at `ann/fix`.',
  );
  expect(refusedReply('"@all <!-- x" is no decision')).toBe(
    'Not accepted, nothing was changed: `"@all <\u200B!-- x" is no decision`.',
  );
});

test('a megabyte of options or of backticks is read at once', () => {
  expect(commandOf(written(`/spec-to-pr retry ${'--usd '.repeat(170_000)}`))).toHaveProperty('problem');
  expect(
    commandOf(written(`/spec-to-pr resume ${Array.from({ length: 90_000 }, (_, n) => `--at r${n}=b`).join(' ')}`)),
  ).toEqual({ problem: '--at is given more than 100 times' });
  expect(commandOf(written(`/spec-to-pr retry\n${'`\r'.repeat(500_000)}`))).toHaveProperty('problem');
});

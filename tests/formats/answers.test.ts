import { expect, test } from '@jest/globals';
import { MINIMAL, parse, problems } from '../support/project-file.ts';

test.each<[string, string, unknown]>([
  ['nobody, unless the file says so', '', undefined],
  [
    'owners, members and collaborators',
    'answers: { github: {} }\n',
    { authors: [], associations: ['OWNER', 'MEMBER', 'COLLABORATOR'] },
  ],
  ['the listed accounts alone', 'answers: { github: { authors: [ann] } }\n', { authors: ['ann'], associations: [] }],
  [
    'both, where both are listed',
    'answers: { github: { authors: [ann], associations: [MEMBER], poll: 1m } }\n',
    { authors: ['ann'], associations: ['MEMBER'] },
  ],
])('comments answer of %s', (_, answers, policy) => {
  const { listener } = parse(`${MINIMAL}notify: [{ channel: github, token_env: BOT_TOKEN }]\n${answers}`);
  const pollSeconds = answers.includes('poll') ? 60 : 15;
  const choice = { name: 'github', options: { token_env: 'BOT_TOKEN' }, policy, pollSeconds };
  expect(listener).toEqual(policy === undefined ? undefined : choice);
});

test.each<[string, string, RegExp]>([
  ['answers on a channel that nobody is told on', `${MINIMAL}answers: { github: {} }\n`, /: add github to "notify"$/],
  [
    'an association that means nothing',
    `${MINIMAL}notify: [github]\nanswers: { github: { associations: [NONE] } }\n`,
    /^line 7: "answers\.github\.associations\.0"/,
  ],
])('%s is refused', (_, text, problem) => {
  expect(problems(text)).toEqual([expect.stringMatching(problem)]);
});

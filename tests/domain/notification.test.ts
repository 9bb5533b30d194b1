import { expect, test } from '@jest/globals';
import { endedNotification, questionNotification, subjectOf } from '../../domain/notification.ts';
import { implementation, plannedRun, play, pullRequestOf } from '../support/run.ts';

const repositories = ['https://github.com/acme/api.git'];
const run = play(plannedRun(), [implementation({ end: 'blocked', why: 'which currency?\nsay it' })]);

test.each<[string, string | undefined]>([
  ['https://github.com/acme/shop/issues/12', 'https://github.com/acme/shop/issues/12'],
  ['https://github.com/acme/shop/pull/12', undefined],
  ['spec.md', undefined],
  ['see https://github.com/acme/shop/issues/12', undefined],
])('the origin %j names the issue %j', (origin, issue) => {
  expect(subjectOf({ ...run, pullRequests: [pullRequestOf('x')] }, { origin, repositories })).toEqual({
    workId: 'SPEC-1',
    run: 'shop/SPEC-1:f1',
    startedAt: 0,
    ...(issue === undefined ? {} : { issue }),
    pullRequests: ['http://forge/api/7'],
    repositories,
  });
});

test('question, reminders and ending have keys of their own and titles on one line', () => {
  const subject = subjectOf(run, { origin: 'spec.md', repositories });
  const all = [0, 1, 2].map((reminder) => questionNotification(run, { subject, body: 'b', reminder }));
  const ended = endedNotification({ ...run, ending: 'aborted', why: 'aborted by ann' }, subject);
  expect([...all, ended].map(({ key, kind, title }) => [key, kind, title])).toEqual([
    ['f1:q1', 'escalated', 'SPEC-1 needs a decision: the agent ended blocked: which currency? say it'],
    ['f1:q1:reminder:1', 'reminder', 'SPEC-1 still needs a decision: the agent ended blocked: which currency? say it'],
    ['f1:q1:reminder:2', 'reminder', 'SPEC-1 still needs a decision: the agent ended blocked: which currency? say it'],
    ['f1:ended', 'ended', 'SPEC-1 aborted: aborted by ann'],
  ]);
});

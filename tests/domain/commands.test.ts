import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { execa } from 'execa';
import { ANSWER, withAnswerOptions } from '../../client/answer-command.ts';
import { answerOf } from '../../client/verbs/answer.ts';
import type { AnswerOptions } from '../../client/verbs/answer.ts';
import { advance } from '../../domain/advance.ts';
import type { Answer } from '../../domain/answer.ts';
import { budgetTrip } from '../../domain/budget.ts';
import { answerCommands, commentCommands, temporalCommands } from '../../domain/commands.ts';
import { commandOf } from '../../domain/comment-answer.ts';
import { refusal } from '../../domain/refusal.ts';
import { STOPPED } from '../support/stopped.ts';

/** What a shell makes of a line, and the CLI of its words. */
async function typed(line: string): Promise<Answer> {
  const { stdout } = await execa('sh', ['-c', `printf '%s\\n' ${line}`]);
  const [program, , ...words] = stdout.split('\n');
  let answer: Promise<Answer> | undefined;
  const command = new Command().exitOverride();
  withAnswerOptions(command.command(ANSWER).exitOverride()).action(
    (_: string, decision: string, options: AnswerOptions) => {
      answer = answerOf(options, decision);
    },
  );
  await command.parseAsync(['answer', ...words], { from: 'user' });
  if (program !== 'spec-to-pr' || answer === undefined) throw new Error(line);
  return answer;
}

/** The answer in a comment with this first line. */
function commented(line: string): Answer {
  const command = commandOf({ body: `${line}\nwhat to do differently`, author: 'ann', edited: false });
  if (command === undefined || 'problem' in command) throw new Error(command?.problem ?? line);
  return command.answer;
}

/** The answer in a line for the `temporal` CLI. */
async function signalled(line: string): Promise<Answer> {
  const { stdout } = await execa('sh', ['-c', `printf '%s\\n' ${line}`]);
  return JSON.parse(stdout.split('\n').at(-1) ?? '');
}

test('there is a case for each reason to stop', () => {
  const reasons = new Set(STOPPED.map(({ run }) => run.escalation?.trip.reason ?? ''));
  expect([...reasons].toSorted((a, b) => a.localeCompare(b))).toEqual([
    'attempts',
    'blocked',
    'budget',
    'infrastructure',
    'no_progress',
    'same_failure',
    'taken_over',
  ]);
});

const GOING_ON = ['retry', 'replan', 'resume'];

test.each(STOPPED.map((one) => [one.title, one] as const))(
  'each suggested answer to a run that stopped for %s is taken as it stands, and lifts what stopped it',
  async (_, { run, grant = '', lifted }) => {
    const retry = answerCommands(run).findLast((line) => line.includes(' retry ')) ?? '';
    expect(retry.replace(/^.*--guidance "[^"]*" ?/, '')).toBe(grant);
    const byCommand = await Promise.all(answerCommands(run).map(typed));
    const bySignal = await Promise.all(temporalCommands(run).map(signalled));
    const byComment = commentCommands(run).map(commented);
    const decisions = (given: readonly Answer[]): readonly string[] => [...new Set(given.map((one) => one.decision))];
    expect([decisions(bySignal), decisions(byComment)]).toEqual([decisions(byCommand), decisions(byCommand)]);
    expect(decisions(byCommand)).toContain('retry');
    for (const answer of [...byCommand, ...bySignal, ...byComment]) {
      expect(refusal(run, 0, answer)).toBeUndefined();
      const after = advance(run, { kind: 'answered', answer: { ...answer, channel: 'update' } });
      expect(after.escalation).toBeNull();
      if (!GOING_ON.includes(answer.decision)) continue;
      expect([answer.decision, budgetTrip(after)]).toEqual([answer.decision, undefined]);
      expect([answer.decision, lifted(after, run)]).toEqual([answer.decision, true]);
    }
  },
);

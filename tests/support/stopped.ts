import { advance } from '../../domain/advance.ts';
import { trips } from '../../domain/breaker.ts';
import { reservationOf } from '../../domain/budget.ts';
import { NEW_ACCOUNT, reserve, settle } from '../../domain/ledger.ts';
import type { ProjectBudget, ReserveReply } from '../../domain/ledger.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Limits } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { commit, gateResult, implementation, plannedRun, play, red } from './run.ts';

const made = (limits: Partial<Limits>, ...outcomes: Outcome[]): Run => play(plannedRun({ limits }), outcomes);
const attempt = (n: number, fingerprint: string, passed: number): Outcome[] => [
  implementation({ commits: commit(n) }),
  red('checks', fingerprint, passed, commit(n)),
];
const exhausted = (cost: { usd?: number; tokens?: number; unpriced?: true }): Outcome =>
  implementation({ end: 'budget_exhausted', why: 'it had no more', ...cost });
const sick = implementation({ cord: 'reprovision', why: 'the database is gone', usd: 0, tokens: 0 });
const moment = { now: 0, window: 'w', until: 1 };

/** What the project's ledger says to the run's next session, when others have spent so much. */
function funds(run: Run, spent: { usd: number; tokens: number }): ReserveReply {
  const { project: budget = { per: 'month' } } = run.limits;
  const account = settle(NEW_ACCOUNT, { key: 'k', run: 'shop/other', per: budget.per, spent }, moment);
  const { usd, tokens } = reservationOf(run);
  const overdraft = run.overdraft ?? { usd: 0, tokens: 0 };
  return reserve(account, { key: 'x', run: 'shop/SPEC-1', wanted: { usd, tokens }, budget, overdraft }, moment).reply;
}

function unfunded(project: ProjectBudget, spent: { usd: number; tokens: number }): Run {
  const run = plannedRun({ limits: { project } });
  const reply = funds(run, spent);
  if (reply.kind !== 'refused') throw new Error(reply.kind);
  return advance(run, { ...reply, kind: 'unfunded' });
}

/** A run that has stopped with a question. */
export interface Stopped {
  /** What it stopped for. */
  readonly title: string;
  readonly run: Run;
  /** The grant in the suggested retry. */
  readonly grant?: string;
  /** What the answered run can do that the tripped one could not. */
  readonly lifted: (after: Run, before: Run) => boolean;
}

const allowsAttempt = (after: Run): boolean => after.limits.attempts > after.attempts.length;
const hasMoney = (after: Run): boolean => reservationOf(after).usd >= 1;
/** Runs that have stopped, for each reason and each limit. */
export const STOPPED: readonly Stopped[] = [
  {
    title: 'all attempts used',
    run: made({}, ...attempt(1, 'a', 1), ...attempt(2, 'b', 3), ...attempt(3, 'c', 5)),
    lifted: allowsAttempt,
  },
  {
    title: 'the same failure twice',
    run: made({}, ...attempt(1, 'a', 1), ...attempt(2, 'a', 3)),
    lifted: allowsAttempt,
  },
  { title: 'no progress', run: made({}, ...attempt(1, 'a', 3), ...attempt(2, 'b', 3)), lifted: allowsAttempt },
  {
    title: 'money',
    run: made({ usd: 1 }, implementation({ usd: 7.3 }), red('checks', 'a', 1)),
    grant: '--usd 8',
    lifted: hasMoney,
  },
  {
    title: 'tokens',
    run: made({ tokens: 1000 }, implementation({ tokens: 5200 }), red('checks', 'a', 1)),
    grant: '--tokens 4300',
    lifted: (after) => reservationOf(after).tokens >= 100,
  },
  {
    title: 'wall clock',
    run: play({ ...plannedRun({ limits: { runSeconds: 600 } }), now: 900_000 }, attempt(1, 'a', 1)),
    grant: '--minutes 6',
    lifted: (after) => reservationOf(after).seconds >= 60,
  },
  {
    title: 'a cost without a price',
    run: made({}, implementation({ unpriced: true }), red('checks', 'a', 1)),
    grant: '--usd 5',
    lifted: hasMoney,
  },
  {
    title: 'a cost that was not told, where only tokens are limited',
    run: made({ tokens: 1000, unpriced: 'allowed' }, implementation({ untold: true }), red('checks', 'a', 1)),
    grant: '--tokens 100',
    lifted: (after) => reservationOf(after).tokens > 900,
  },
  {
    title: 'wall clock and a cost without a price at once',
    run: play({ ...plannedRun({ limits: { runSeconds: 600 } }), now: 900_000 }, [
      implementation({ unpriced: true }),
      red('checks', 'a', 1),
    ]),
    grant: '--minutes 6 --usd 5',
    lifted: hasMoney,
  },
  {
    title: "a session's money",
    run: made({ sessionUsd: 0.25 }, exhausted({ usd: 0.5 })),
    grant: '--usd 0.25',
    lifted: (after, before) => reservationOf(after).usd === 2 * reservationOf(before).usd,
  },
  {
    title: "a session's tokens",
    run: made({ sessionTokens: 50 }, exhausted({ tokens: 70 })),
    grant: '--tokens 50',
    lifted: (after, before) => reservationOf(after).tokens === 2 * reservationOf(before).tokens,
  },
  {
    title: "a session's tokens, at a cost without a price",
    run: made({ sessionTokens: 50 }, exhausted({ usd: 0, tokens: 70, unpriced: true })),
    grant: '--tokens 50',
    lifted: (after, before) => reservationOf(after).tokens === 2 * reservationOf(before).tokens,
  },
  {
    title: "the project's money, amid a session",
    run: made({ project: { usd: 2, per: 'day' } }, exhausted({ usd: 9.5 })),
    grant: '--usd 11',
    lifted: (after) => funds(after, { usd: 2 + 9.5, tokens: 0 }).kind === 'granted',
  },
  {
    title: "the project's tokens, amid a session",
    run: made({ project: { tokens: 500, per: 'day' } }, exhausted({ tokens: 700 })),
    grant: '--tokens 750',
    lifted: (after) => funds(after, { usd: 0, tokens: 500 + 700 }).kind === 'granted',
  },
  {
    title: "the project's money, before a session",
    run: unfunded({ usd: 10, per: 'day' }, { usd: 25, tokens: 0 }),
    grant: '--usd 16',
    lifted: (after) => funds(after, { usd: 25, tokens: 0 }).kind === 'granted',
  },
  {
    title: "the project's tokens, before a session",
    run: unfunded({ tokens: 1000, per: 'month' }, { usd: 25, tokens: 9000 }),
    grant: '--tokens 8100',
    lifted: (after) => funds(after, { usd: 25, tokens: 9000 }).kind === 'granted',
  },
  {
    title: "the project's money and tokens, before a session",
    run: unfunded({ usd: 10, tokens: 1000, per: 'month' }, { usd: 25, tokens: 9000 }),
    grant: '--usd 16 --tokens 8100',
    lifted: (after) => funds(after, { usd: 25, tokens: 9000 }).kind === 'granted',
  },
  {
    title: 'a blocked agent',
    run: made({}, implementation({ end: 'blocked', why: 'which tax?' })),
    lifted: allowsAttempt,
  },
  {
    title: 'a blocked agent of unknown cost',
    run: made({}, implementation({ end: 'needs_human', why: 'log in', unpriced: true })),
    grant: '--usd 5',
    lifted: hasMoney,
  },
  {
    title: 'a provider that is down',
    run: made({ attempts: 1 }, implementation({ end: 'provider_down', why: 'overloaded' })),
    lifted: (after) => after.limits.attempts === 1 && trips(after) === undefined,
  },
  {
    title: 'sick infrastructure at a gate',
    run: made({}, implementation(), gateResult('checks', { result: 'not_run', failureClass: 'infra', why: 'no disk' })),
    lifted: ({ step }) => step.at === 'gate' || step.at === 'ingest' || step.at === 'implement',
  },
  {
    title: 'a sick environment, for the second time',
    run: made({}, ...attempt(1, 'a', 1), sick, red('checks', 'b', 3), sick),
    lifted: ({ reprovisions }) => reprovisions === 0,
  },
  {
    title: 'a person at work',
    run: made(
      {},
      ...attempt(1, 'a', 1),
      ...attempt(2, 'a', 1),
      {
        ...{ kind: 'answered', answer: { decision: 'take_over', by: 'ann', channel: 'update' } },
      },
      { kind: 'handed_over', takeover: { by: 'ann', host: 'h', worktrees: [] } },
    ),
    lifted: ({ step }) => ['take_back', 'implement', 'ingest'].includes(step.at),
  },
];

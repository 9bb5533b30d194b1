import type { Answer } from './answer.ts';
import { counted } from './attempts.ts';
import type { Role } from './roles.ts';
import type { Funds, Run, Trip } from './run.ts';
import { dollars } from './text.ts';

/** An amount of what sessions cost. */
export interface Spending {
  readonly usd: number;
  readonly tokens: number;
}

/** What a session has spent, as far as it is known. */
export interface SessionCost extends Spending {
  readonly unpriced?: true;
  readonly untold?: true;
}

/** A limit of a session or of the project that is used up, with what a person should grant to get past it. */
export interface Shortage extends Partial<Spending> {
  readonly of: 'session' | 'project';
}

/** What a session may spend at most; always finite. */
export interface Reservation extends Spending {
  readonly seconds: number;
}

/** What the next session may spend at most: the least of its own limit and what is left of the run's and of the project's. */
export function reservationOf(run: Run, project: Partial<Spending> = {}): Reservation {
  const { limits } = run;
  const left = (used: number, ...most: readonly (number | undefined)[]): number =>
    Math.max(0, Math.min(...most.map((value) => value ?? Infinity)) - used);
  return {
    usd: Math.min(left(run.usd, limits.usd), left(0, limits.sessionUsd, project.usd)),
    tokens: Math.min(left(run.tokens, limits.tokens), left(0, limits.sessionTokens, project.tokens)),
    seconds: Math.min(left(secondsOf(run), limits.runSeconds), limits.agentSeconds),
  };
}

/** Trips when money, tokens or wall clock (without the time spent waiting for people) are used up, or what is spent is not known. */
export function budgetTrip(run: Run): Trip | undefined {
  const { limits, unpriced = [], untold = [] } = run;
  const seconds = secondsOf(run);
  if (run.usd >= limits.usd)
    return trip(`spent ${dollars(run.usd)} of the run's ${dollars(limits.usd)} (${spenders(run, 'usd', dollars)})`);
  if (run.tokens >= limits.tokens)
    return trip(`used ${run.tokens} of the run's ${limits.tokens} tokens (${spenders(run, 'tokens', String)})`);
  if (seconds >= limits.runSeconds) return trip(`ran ${ran(run)}`);
  if (unpriced.length > 0 && limits.unpriced !== 'allowed')
    return trip(
      `at least ${dollars(run.usd)} of the run's ${dollars(limits.usd)} are spent, how much more is unknown: no price for ${unpriced.join(', ')}`,
    );
  if (untold.length > 0)
    return trip(
      `at least ${dollars(run.usd)} of the run's ${dollars(limits.usd)} and ${run.tokens} of its ${limits.tokens} tokens are spent, how much more is unknown: ${untold.join(', ')} told neither tokens nor money`,
    );
  return undefined;
}

/** What to grant so that a used-up limit is not used up at once again: rounded up, with a tenth of the limit to spare. */
export function grantFor(used: number, limit: number): number {
  return Math.ceil(used - limit + Math.max(1, limit / 10));
}

/** Which limit ended a session that was within those of its run: its own, which is to be doubled, else the project's. */
export function shortageOf({ limits }: Run, { usd, tokens }: Spending): Shortage | undefined {
  const { sessionUsd = Infinity, sessionTokens = Infinity, project } = limits;
  if (usd >= sessionUsd) return { of: 'session', usd: Math.ceil(sessionUsd * 100) / 100 };
  if (tokens >= sessionTokens) return { of: 'session', tokens: sessionTokens };
  if (project === undefined) return undefined;
  return {
    of: 'project',
    ...(project.usd === undefined ? {} : { usd: grantFor(project.usd + usd, project.usd) }),
    ...(project.tokens === undefined ? {} : { tokens: grantFor(project.tokens + tokens, project.tokens) }),
  };
}

/** The run after a session that has ended, with what it has cost. */
export function charged(run: Run, role: Role, session: SessionCost): Run {
  const paid = { ...run, usd: run.usd + session.usd, tokens: run.tokens + session.tokens };
  const { name, model } = (run.roles[role] ?? run.roles.developer).agent;
  if (session.untold === true) return { ...paid, untold: [...(run.untold ?? []), `${name} (${role})`] };
  if (session.unpriced !== true) return paid;
  const who = `${model ?? `the model of ${name}`} (${role}, ${session.tokens} tokens)`;
  return { ...paid, unpriced: [...(run.unpriced ?? []), who] };
}

/** The run with the limits that an answer grants: those of its sessions are raised, too, where they are asked about. A grant of money or tokens accepts the cost that is unknown so far. */
export function raised(run: Run, answer: Answer): Run {
  const { limits, unpriced, untold, ...rest } = run;
  const { usd = 0, tokens = 0, minutes = 0 } = answer;
  const attempts = allowedAttempts(run, answer);
  const overdraft = { usd: (run.overdraft?.usd ?? 0) + usd, tokens: (run.overdraft?.tokens ?? 0) + tokens };
  const granted = usd + tokens > 0;
  const { sessionUsd, sessionTokens } = run.escalation?.trip.short?.of === 'session' ? limits : {};
  return {
    ...rest,
    limits: {
      ...limits,
      attempts,
      usd: limits.usd + usd,
      tokens: limits.tokens + tokens,
      runSeconds: limits.runSeconds + minutes * 60,
      ...(sessionUsd === undefined ? {} : { sessionUsd: sessionUsd + usd }),
      ...(sessionTokens === undefined ? {} : { sessionTokens: sessionTokens + tokens }),
    },
    ...(unpriced === undefined || granted ? {} : { unpriced }),
    ...(untold === undefined || granted ? {} : { untold }),
    ...(granted && limits.project !== undefined ? { overdraft } : {}),
  };
}

/** What the run may spend by what people have granted so far. */
export function fundsOf({ limits, unpriced, untold, overdraft }: Run): Funds {
  return { limits, ...(unpriced && { unpriced }), ...(untold && { untold }), ...(overdraft && { overdraft }) };
}

/** The limit of attempts after an answer. It counts from the run's first attempt, whatever the plan. */
function allowedAttempts({ limits, attempts, superseded = 0 }: Run, answer: Answer): number {
  const { decision, attempts: granted } = answer;
  const made = counted(attempts).length;
  if (decision === 'retry') return Math.max(limits.attempts, made + (granted ?? 1));
  if (decision === 'resume') return Math.max(limits.attempts, made + 1 + (granted ?? 0));
  const before = counted(attempts.slice(0, superseded)).length;
  if (decision === 'replan') return made + (granted ?? limits.attempts - before);
  return limits.attempts;
}

const WARN_FROM = 0.8;

/** One sentence for each limit of the run of which four fifths are used. */
export function warnings(run: Run): readonly string[] {
  const { limits } = run;
  const minutes = (seconds: number): string => String(Math.round(seconds / 60));
  const rows: readonly (readonly [string, number, number, (value: number) => string])[] = [
    ['USD', run.usd, limits.usd, dollars],
    ['tokens', run.tokens, limits.tokens, String],
    ['minutes', secondsOf(run), limits.runSeconds, minutes],
  ];
  return rows
    .filter(([, used, limit]) => used >= limit * WARN_FROM)
    .map(
      ([unit, used, limit, show]) =>
        `${Math.floor((used / limit) * 100)} % of the ${unit} are used: ${show(used)} of ${show(limit)}`,
    );
}

/** What is spent of the limit; "at least" where the cost of a session is unknown. */
export function spentOf(run: Run): string {
  const unknown = [...(run.unpriced ?? []), ...(run.untold ?? [])].length > 0;
  return `${unknown ? 'at least ' : ''}${dollars(run.usd)} of ${dollars(run.limits.usd)}`;
}

function ran(run: Run): string {
  const { runSeconds } = run.limits;
  const [unit, length] = runSeconds < 120 ? ['seconds', 1] : ['minutes', 60];
  return `${Math.round(secondsOf(run) / length)} of the run's ${Math.round(runSeconds / length)} ${unit}`;
}

function secondsOf(run: Run): number {
  return (run.now - run.startedAt - run.waited) / 1000;
}

function spenders(run: Run, unit: keyof Spending, show: (amount: number) => string): string {
  const developer = run.attempts.reduce((sum, { implementation }) => sum + implementation[unit], 0);
  const looks = run.attempts.reduce((sum, { diagnosis }) => sum + (diagnosis?.[unit] ?? 0), 0);
  const others = run[unit] - developer - looks;
  const rows: readonly (readonly [string, number])[] = [
    ['developer', developer],
    ['debugger', looks],
    ['other sessions', others > 1e-6 ? others : 0],
  ];
  return rows
    .filter(([, amount]) => amount > 0)
    .map(([who, amount]) => `${who} ${show(amount)}`)
    .join(', ');
}

function trip(why: string): Trip {
  return { reason: 'budget', why };
}

import type { AnswerRecord } from './answer.ts';
import { counted, redAttempt } from './attempts.ts';
import { answerCommands, temporalCommands } from './commands.ts';
import { attemptRecord } from './dossier-attempt.ts';
import type { AttemptRecord } from './dossier-attempt.ts';
import type { UpEnvironment } from './gate.ts';
import { stepRefsOf } from './ids.ts';
import type { Commits } from './ids.ts';
import { bestAttempt } from './progress.ts';
import type { CordRecord, DiffStat, Run, Trip } from './run.ts';
import type { Criterion } from './spec.ts';
import { takeoverLines } from './takeover.ts';
import { cutHead, cutLine } from './text.ts';

const MAX_ATTEMPTS = 30;
const MAX_ANSWERS = 30;

/** All that a person needs to decide about an escalated run. Texts are as they came, capped: whoever shows them makes them inert. */
export interface Dossier {
  readonly version: 1;
  readonly work: {
    readonly id: string;
    readonly title: string;
    readonly project: string;
    readonly workflowId: string;
    readonly runId: string;
    /** Reference of the spec's text in the artifact store; empty before it was read. */
    readonly spec: string;
    readonly specSha256: string;
    readonly criteria: readonly Criterion[];
    readonly constraints: readonly string[];
  };
  readonly question: Trip & { readonly id: string; readonly since: number; readonly back: string };
  /** `minutes` without those spent waiting for people. */
  readonly spent: Readonly<Record<'usd' | 'tokens' | 'minutes' | 'attempts', readonly [used: number, limit: number]>>;
  readonly attempts: readonly AttemptRecord[];
  /** How many earlier attempts are left out. */
  readonly omitted: number;
  /** Number of the attempt that shows what failed last; null where nothing red is left. */
  readonly failed: number | null;
  /** What a draft would carry. */
  readonly best: {
    readonly attempt: number;
    readonly commits: Commits;
    /** Prefix of the git refs that keep the commits. */
    readonly refs: string;
    readonly diffs: Readonly<Record<string, DiffStat>>;
  } | null;
  /** What a person works in, as lines for a shell; empty when nobody has taken the run over. */
  readonly takeover: readonly string[];
  readonly environment: string;
  /** The environment that still runs the last candidate. */
  readonly kept: UpEnvironment | null;
  /** Requests of sessions, such as for another environment. */
  readonly cords: readonly CordRecord[];
  readonly answers: readonly AnswerRecord[];
  readonly commands: {
    readonly answer: readonly string[];
    readonly temporal: readonly string[];
    readonly look: readonly string[];
  };
  /** `at` in milliseconds since the epoch; null where it depends on a person and not on time. */
  readonly earliestRetry: { readonly at: number | null; readonly why: string };
}

/** The dossier of a run's open question; a run without one has none. */
export function dossierOf(run: Run, { environment }: { readonly environment: string }): Dossier | undefined {
  const { escalation, spec, key } = run;
  if (escalation === null) return undefined;
  const { id, trip, since, back } = escalation;
  return {
    version: 1,
    work: {
      id: run.workId,
      title: cutLine(spec?.title ?? run.workId, 300),
      project: run.project,
      workflowId: key.workflowId,
      runId: key.firstRunId,
      spec: spec?.document.ref ?? '',
      specSha256: spec?.sha256 ?? '',
      criteria: (spec?.criteria ?? []).slice(0, 100).map((one) => ({ ...one, text: cutLine(one.text, 1000) })),
      constraints: (spec?.constraints ?? []).slice(0, 100).map((text) => cutLine(text, 1000)),
    },
    question: { id, ...trip, why: cutLine(trip.why, 1000), since, back: back.at },
    spent: spentOf(run, since),
    attempts: run.attempts.slice(-MAX_ATTEMPTS).map((attempt) => attemptRecord(run, attempt)),
    omitted: Math.max(0, run.attempts.length - MAX_ATTEMPTS),
    failed: redAttempt(run)?.number ?? null,
    best: bestOf(run),
    takeover: takeoverLines(run)
      .slice(0, 100)
      .map((text) => cutLine(text, 1000)),
    environment,
    kept: run.environment,
    cords: run.cords.slice(-MAX_ANSWERS).map((one) => ({ ...one, why: cutLine(one.why, 500) })),
    answers: run.answers.slice(-MAX_ANSWERS).map(answerRecord),
    commands: {
      answer: answerCommands(run),
      temporal: temporalCommands(run),
      look: [`spec-to-pr status ${key.workflowId}`, `spec-to-pr logs ${key.workflowId}`, ...lookAt(run.environment)],
    },
    earliestRetry: earliestRetry(run, trip),
  };
}

const lookAt = (kept: UpEnvironment | null): readonly string[] =>
  kept === null ? [] : [`spec-to-pr env status ${kept.name}`, `spec-to-pr env logs ${kept.name}`];

function spentOf({ usd, tokens, limits, startedAt, waited, attempts }: Run, since: number): Dossier['spent'] {
  return {
    usd: [usd, limits.usd],
    tokens: [tokens, limits.tokens],
    minutes: [Math.round((since - startedAt - waited) / 60_000), Math.round(limits.runSeconds / 60)],
    attempts: [counted(attempts).length, limits.attempts],
  };
}

function answerRecord({ guidance, by, channel, ...rest }: AnswerRecord): AnswerRecord {
  return {
    ...rest,
    channel: cutLine(channel, 40),
    ...(by === undefined ? {} : { by: cutLine(by, 100) }),
    ...(guidance === undefined ? {} : { guidance: cutHead(guidance, 2000) }),
  };
}

function bestOf(run: Run): Dossier['best'] {
  const best = bestAttempt(run);
  if (best === undefined) return null;
  const { commits, diffs } = best.implementation;
  return { attempt: best.number, commits, diffs, refs: stepRefsOf(run) };
}

const WORTH: Readonly<Record<Trip['reason'], string>> = {
  attempts: 'At once; guidance raises the odds.',
  same_failure: 'At once, but only with guidance: the same prompt has failed the same way twice.',
  no_progress: 'At once, but only with guidance: the last attempt came no further than one before.',
  budget: 'As soon as the budget is raised: the command of the retry grants what is missing.',
  blocked: 'As soon as the guidance answers what the agent was blocked by.',
  taken_over: 'As soon as the commits are there: resume goes on from them, a retry leaves them aside.',
  infrastructure:
    'When what is broken has been mended: a retry before that ends the same way. A run keeps the project file that it was started with: what is mended there counts for the next one.',
};

function earliestRetry({ parked, now }: Run, { reason }: Trip): Dossier['earliestRetry'] {
  if (parked !== undefined && parked.until > now) return { at: parked.until, why: 'The quota comes back then.' };
  return { at: null, why: WORTH[reason] };
}

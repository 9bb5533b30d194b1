import path from 'node:path';
import prettyMilliseconds from 'pretty-ms';
import { redAttempt, shownGates, unjudgedLine } from '../domain/attempts.ts';
import { answerCommands } from '../domain/commands.ts';
import { spentOf } from '../domain/budget.ts';
import type { Account } from '../domain/ledger.ts';
import type { GateResult } from '../domain/gate.ts';
import { ledgerLine } from '../domain/ledger.ts';
import { attemptAtWork, phaseOf } from '../domain/phase.ts';
import type { Attempt, Run } from '../domain/run.ts';
import { takeoverLines } from '../domain/takeover.ts';
import type { Session } from './connect.ts';

type Shown = Pick<Session, 'ui' | 'namespace'>;

/** One line: phase, attempt, cost, elapsed, and what is being done. */
export function headline(run: Run, activity: readonly string[]): string {
  const attempt = attemptAtWork(run);
  const parts = [
    phaseOf(run),
    ...(attempt > 0 ? [`attempt ${attempt}/${run.limits.attempts}`] : []),
    spentOf(run),
    ...(run.parked === undefined || run.parked.until < Date.now()
      ? []
      : [`waits until ${new Date(run.parked.until).toLocaleTimeString()}`]),
    ...activity,
  ];
  return parts.join(' · ');
}

export function elapsed(run: Run): string {
  return prettyMilliseconds(Math.max(0, Date.now() - run.startedAt), { secondsDecimalDigits: 0 });
}

/** How much of the budget of its project is used up; nothing where the run has none to share. */
export function budgetLines({ project, limits }: Run, account: Account): readonly string[] {
  return limits.project === undefined ? [] : [`budget of ${project}: ${ledgerLine(account, limits.project)}`];
}

/** What a finished attempt showed, a line for each gate. */
export function attemptLines(attempt: Attempt, attempts: readonly Attempt[]): readonly string[] {
  const { number, implementation } = attempt;
  const changed =
    implementation.changed.map((key) => `${key} ${implementation.diffs[key]?.files ?? 0} files`).join(', ') ||
    'nothing';
  const by = implementation.by === undefined ? '' : ` (by ${implementation.by})`;
  const how = implementation.end === 'done' ? by : ` (agent ${implementation.end}: ${implementation.why})`;
  const first = `attempt ${number}: changed ${changed}, $${implementation.usd.toFixed(2)}${how}`;
  const unjudged = unjudgedLine(attempt, attempts);
  const gates = shownGates(attempt).map((gate) => `  ${gateLine(gate)}`);
  return [first, ...gates, ...(unjudged === '' ? [] : [`  it ${unjudged}`])];
}

/** A gate's result in a line. */
export function gateLine({ gate, result, examined, seconds, why }: GateResult): string {
  const reason = why === '' ? '' : ` – ${why}`;
  return `${gate}: ${result.replace('_', ' ')} (${examined} examined, ${seconds.toFixed(1)} s)${reason}`;
}

/** The open question, its evidence, and how to answer it. */
export function questionLines(run: Run): readonly string[] {
  const { escalation } = run;
  if (escalation === null) return [];
  const red = redAttempt(run);
  const failing = red === undefined ? undefined : shownGates(red).findLast((gate) => gate.result !== 'passed');
  return [
    `${run.workId} waits for a decision (${escalation.id}): ${escalation.trip.why}.`,
    ...(failing === undefined ? [] : failureLines(failing).map((line) => `  ${line}`)),
    ...takeoverLines(run).map((line) => `  ${line}`),
    'Answer with one of:',
    ...answerCommands(run).map((command) => `  ${command}`),
  ];
}

/** What failed, a line for each of the first: a test by its message, anything else by what is wrong with it. */
function failureLines({ gate, why, findings }: GateResult): readonly string[] {
  if (findings.length === 0) return [`${gate}: ${why}`];
  return findings.slice(0, 5).map(({ id, title, evidence }) => {
    const isTest = id.includes(title.slice(0, 100));
    return `${id}: ${isTest ? (evidence.split('\n')[0] ?? '') : title}`;
  });
}

/** How the run ended and where everything is. */
export function endLines(run: Run, places: { home: string; session: Shown }): readonly string[] {
  return [
    `${run.workId} ${run.ending ?? phaseOf(run)}${run.why === '' ? '' : `: ${run.why}`}`,
    ...run.pullRequests.map(
      (pr) =>
        `  ${pr.draft ? 'draft ' : ''}pull request, ${pr.repository}: ${pr.url} (head ${pr.headSha.slice(0, 12)})`,
    ),
    `  artifacts: ${path.join(places.home, 'artifacts', path.dirname(run.spec?.document.ref ?? '.'))}`,
    ...left(run),
    ...uiLink(run, places.session),
  ];
}

/** Worktrees of a person who was at work when the run ended. */
function left({ takeover }: Run): readonly string[] {
  return (takeover?.worktrees ?? []).map(({ directory }) => `  taken over, left alone unless published: ${directory}`);
}

export function uiLink(run: Run, { ui, namespace }: Shown): readonly string[] {
  return ui === undefined
    ? []
    : [
        `  Temporal UI: ${ui}/namespaces/${namespace}/workflows/${encodeURIComponent(run.key.workflowId)}/${run.key.firstRunId}/history`,
      ];
}

import { shownGates } from './attempts.ts';
import { spentOf, warnings } from './budget.ts';
import type { Attempt, Run } from './run.ts';
import { answerCommands, temporalCommands } from './commands.ts';
import { block, cell, code } from './markdown.ts';
import { attemptAtWork, phaseOf } from './phase.ts';
import { takeoverLines } from './takeover.ts';

/** The run as Markdown, for the Temporal UI's current details: phase, attempts, the open question, the pull requests. */
export function describe(run: Run): string {
  const parts = [
    `**${run.spec?.title ?? run.workId}**`,
    `Phase **${phaseOf(run)}** · attempt ${attemptAtWork(run)} of ${run.limits.attempts} · ${spentOf(run)}`,
    ...warnings(run).map((warning) => `**Warning:** ${warning}.`),
    ...(run.why === '' ? [] : [run.why]),
    ...(run.parked === undefined ? [] : [`Parked: ${run.parked.why}`]),
    ...(run.attempts.length === 0 ? [] : [attemptTable(run.attempts)]),
    ...(run.escalation === null ? [] : [question(run)]),
    ...(run.takeover === undefined ? [] : [block(takeoverLines(run).join('\n'), 4000)]),
    ...(run.pullRequests.length === 0
      ? []
      : [run.pullRequests.map((pr) => `- ${pr.repository}: ${pr.url}`).join('\n')]),
  ];
  return parts.join('\n\n').slice(0, 19_000);
}

/** One row an attempt: what it changed, how each gate ended, what it cost. */
export function attemptTable(attempts: readonly Attempt[]): string {
  const rows = attempts.map((attempt) => {
    const { number, implementation } = attempt;
    const verdicts = shownGates(attempt)
      .map((gate) => `${gate.gate} ${gate.result.replace('_', ' ')}${count(gate)}`)
      .join(', ');
    const by = implementation.by === undefined ? '' : `by ${cell(implementation.by, 40)}`;
    const how = implementation.end === 'done' ? by : `agent ${implementation.end}`;
    return `| ${number} | ${implementation.changed.join(', ') || 'nothing'} | ${[how, verdicts].filter((text) => text !== '').join(', ')} | $${implementation.usd.toFixed(2)} |`;
  });
  return ['| attempt | changed | gates | cost |', '|---|---|---|---|', ...rows].join('\n');
}

function count(gate: Attempt['gates'][number]): string {
  return gate.tests === null ? '' : ` (${gate.tests.passed}/${gate.tests.total})`;
}

/** The open question with the commands that answer it. Text of unknown origin stands in code spans. */
function question(run: Run): string {
  if (run.escalation === null) return '';
  const { id, trip } = run.escalation;
  return [
    `**${id}: a person has to decide.** ${code(trip.why, 500)} (${trip.reason}).${again(run)}`,
    '```',
    ...answerCommands(run),
    '```',
    'Without the CLI:',
    '```',
    temporalCommands(run)[0],
    '```',
  ].join('\n');
}

function again({ escalation }: Run): string {
  return escalation?.trip.until === undefined ? '' : ' Without an answer it goes on when the next window begins.';
}

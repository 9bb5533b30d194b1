import type { Flake } from './gate.ts';
import { spentOf } from './budget.ts';
import { attemptTable } from './describe.ts';
import { coverageLine } from './criteria.ts';
import { branchOf, markerOf } from './ids.ts';
import type { Attempt, PullRequest, Run } from './run.ts';
import { head, oneLine } from './text.ts';
import { publishProblem } from './verdict.ts';

const MAX_BODY = 60_000;

export interface PullRequestText {
  readonly branch: string;
  readonly title: string;
  readonly body: string;
  readonly marker: string;
}

/** Title and body of one repository's pull request, made from measured facts only. */
export function pullRequestText(
  run: Run,
  attempt: Attempt,
  input: { repository: string; siblings: readonly PullRequest[] },
): PullRequestText {
  const marker = markerOf(run.key);
  const missing = publishProblem(run, attempt);
  const parts = [
    ...(missing === undefined ? [] : [`> **Draft: not proven.** ${missing}`]),
    why(run),
    criteria(run, attempt),
    evidence(run, attempt),
    ...(run.attempts.length === 0 ? [] : [`## Attempts\n${attemptTable(run.attempts)}`]),
    siblings(run, input),
    `<sub>Work item ${run.workId}, run \`${run.key.workflowId}\`, spec sha256 \`${run.spec?.sha256.slice(0, 12) ?? ''}\`, agent ${run.roles.developer.agent.name}.</sub>`,
  ];
  return {
    branch: branchOf(run.workId),
    title: oneLine(`${run.workId}: ${run.spec?.title ?? 'spec'}`, 200),
    body: `${defuse(head(parts.filter((part) => part !== '').join('\n\n'), MAX_BODY))}\n\n${marker}\n`,
    marker,
  };
}

function why(run: Run): string {
  return `## Why\n${run.spec?.title ?? run.workId}`;
}

function criteria(run: Run, { gates }: Attempt): string {
  const list = run.spec?.criteria ?? [];
  const coverage = gates.find((gate) => gate.criteria !== undefined)?.criteria;
  const lines = list.map((one) => {
    const proof = coverageLine(one, coverage);
    return `- **${one.id}** ${oneLine(one.text, 500)}${proof === '' ? '' : ` (tests: ${proof})`}`;
  });
  return lines.length === 0 ? '' : `## Acceptance criteria\n${lines.join('\n')}`;
}

function evidence(run: Run, attempt: Attempt): string {
  const rows = run.gates.map((name) => {
    const gate = attempt.gates.find((result) => result.gate === name);
    if (gate === undefined) return `| ${name} | not run | – | – |`;
    const tests =
      gate.tests === null ? `${gate.examined} commands` : `${gate.tests.passed} of ${gate.tests.total} tests passed`;
    return `| ${name} | **${gate.result.replace('_', ' ')}** | ${tests} | ${gate.seconds.toFixed(1)} s |`;
  });
  const commits = run.repositories.map(({ key, baseCommit }) => {
    const commit = attempt.implementation.commits[key] ?? baseCommit;
    return `- ${key}: \`${commit.slice(0, 12)}\`${commit === baseCommit ? ' (unchanged base)' : ` on base \`${baseCommit.slice(0, 12)}\``}`;
  });
  return [
    '## Evidence',
    `Measured on exactly these commits (attempt ${attempt.number}):`,
    commits.join('\n'),
    '',
    '| gate | result | what ran | time |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...flaky(attempt),
    `Cost of the run: ${spentOf(run)}, ${run.tokens} of ${run.limits.tokens} tokens, ${run.attempts.length} attempt${run.attempts.length === 1 ? '' : 's'}.`,
  ].join('\n');
}

function flaky({ gates }: Attempt): readonly string[] {
  const flakes = gates.flatMap((gate) => gate.flakes ?? []);
  if (flakes.length === 0) return [];
  return [
    'Failed and passed when run again on the same commits, so not blamed on this change:',
    ...flakes.map((flake) => `- ${oneLine(flake.id, 200)}${rateOf(flake)}`),
    '',
  ];
}

function rateOf({ rate }: Flake): string {
  return rate === undefined ? ' (tried again by its runner)' : ` (failed ${rate.failed} of ${rate.runs} runs)`;
}

function siblings(run: Run, input: { repository: string; siblings: readonly PullRequest[] }): string {
  const others = input.siblings.filter((pr) => pr.repository !== input.repository);
  if (others.length === 0) return '';
  const order = run.repositories
    .map(({ key }) => key)
    .filter((key) => input.siblings.some((pr) => pr.repository === key));
  const list = others.map((pr) => `- ${pr.repository}: ${pr.url}`);
  return `## Change set\nBelongs together with:\n${list.join('\n')}\n\nMerge in this order: ${order.join(', ')}.`;
}

/** Quoted text must not close issues on merge: a zero-width space after the keyword breaks the reference. */
function defuse(text: string): string {
  return text.replace(
    /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)(?=(?:[\w.-]+\/[\w.-]+)?#\d|https?:\/\/)/gi,
    '$1\u200B$2',
  );
}

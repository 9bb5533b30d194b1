import type { Dossier } from './dossier.ts';
import type { AttemptRecord } from './dossier-attempt.ts';
import type { Hypothesis } from './diagnosis.ts';
import { block, cell, code, listed } from './markdown.ts';
import type { DiffStat } from './run.ts';
import { head } from './text.ts';

/** The dossier as Markdown of at most 60,000 characters. Text of unknown origin is inert: no ping, no link, no HTML, no way out of its fence. */
export function dossierMarkdown(dossier: Dossier): string {
  const { work, question } = dossier;
  const parts = [
    `# ${work.id} ${need(question)} (${question.id})`,
    `${code(question.why, 1000)} (${question.reason}). A retry goes back to ${question.back}. ${dossier.earliestRetry.why}`,
    section('Taken over', takenOver(dossier)),
    section('Answer', answers(dossier)),
    section('What was asked', asked(dossier)),
    section('The trip in numbers', numbers(dossier)),
    section('Attempts', table(dossier)),
    section('What failed last', failures(dossier)),
    section('What was believed', beliefs(dossier)),
    section('The best attempt', best(dossier)),
    section('Earlier answers', earlier(dossier)),
    section('Logs and artifacts', places(dossier)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The question in a few lines for a channel; `full` says where the dossier is kept, empty when it could not be kept. */
export function dossierSummary(dossier: Dossier, full: string): string {
  const { question, spent, work } = dossier;
  const failing = failingLines(redRecord(dossier));
  return [
    `${code(work.title)}: ${code(question.why, 500)} (${question.reason}).`,
    `${spent.attempts[0]} of ${spent.attempts[1]} attempts, ${money(spent.usd)}. ${dossier.earliestRetry.why}`,
    ...(failing.length === 0 ? [] : [`Failing:\n${failing.join('\n')}`]),
    ...(dossier.takeover.length === 0 ? [] : [takenOver(dossier)]),
    answers(dossier),
    ...(full === '' ? [] : [`The whole dossier: ${code(full, 500)}`]),
  ].join('\n\n');
}

const section = (title: string, text: string): string => (text === '' ? '' : `## ${title}\n\n${text}`);
const money = ([used, limit]: readonly [number, number]): string => `$${used.toFixed(2)} of $${limit.toFixed(2)}`;

const need = ({ reason }: Dossier['question']): string =>
  reason === 'taken_over' ? 'waits for a person’s commits' : 'needs a decision';

function takenOver({ takeover }: Dossier): string {
  return takeover.length === 0 ? '' : block(takeover.join('\n'), 5000);
}

function answers({ commands }: Dossier): string {
  const shell = (lines: readonly string[]): string => `\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
  return [shell(commands.answer), 'Without the CLI, one of:', shell(commands.temporal)].join('\n\n');
}

function asked({ work }: Dossier): string {
  const criteria = work.criteria.map(({ id, text }) => `- **${id}** ${code(text, 500)}`);
  const constraints = work.constraints.map((text) => `- ${code(text, 500)}`);
  return [
    `${code(work.title, 300)} · project ${code(work.project)} · workflow ${code(work.workflowId)} · run ${code(work.runId)}`,
    `Spec ${code(work.spec)}, sha256 ${code(work.specSha256)}`,
    ...(criteria.length === 0 ? [] : [listed(criteria, 5000)]),
    ...(constraints.length === 0 ? [] : [`Constraints:\n${listed(constraints, 2000)}`]),
  ].join('\n\n');
}

function numbers({ spent, environment, kept }: Dossier): string {
  const of = ([used, limit]: readonly [number, number]): string => `${used} of ${limit}`;
  return [
    `- attempts: ${of(spent.attempts)}`,
    `- cost: ${money(spent.usd)}, ${of(spent.tokens)} tokens`,
    `- time at work: ${of(spent.minutes)} minutes`,
    `- environment: ${code(environment)}${kept === null ? '' : `, and ${code(kept.name)} still runs the last attempt`}`,
    ...Object.entries(kept?.addresses ?? {}).map(([service, url]) => `  - ${code(service)}: ${code(url)}`),
  ].join('\n');
}

function table({ attempts, omitted }: Dossier): string {
  if (attempts.length === 0) return 'There was none: the run stopped before its first.';
  const rows = attempts.map(
    (one) =>
      `| ${one.number} | ${one.by === undefined ? one.end : `by ${cell(one.by, 40)}`} | ${one.gates.map(gateCell).join(', ') || '–'} | ${failingCell(one)} | ${share(one.progress)} | ${cell(one.fingerprint.slice(0, 24), 24)} | ${stat(one.diffs)} | $${one.usd.toFixed(2)} | ${one.tokens} |`,
  );
  const most = 10_000;
  const shown: string[] = [];
  for (let length = 0; shown.length < rows.length;) {
    const row = rows[rows.length - 1 - shown.length] ?? '';
    length += row.length + 1;
    if (length > most) break;
    shown.unshift(row);
  }
  const left = omitted + rows.length - shown.length;
  return [
    ...(left === 0 ? [] : [`The ${left} earlier ones are left out here.`, '']),
    '| attempt | agent | gates | failing | progress | fingerprint | diff | cost | tokens |',
    '|---|---|---|---|---|---|---|---|---|',
    ...shown,
  ].join('\n');
}

function gateCell({ gate, result, tests, failureClass }: AttemptRecord['gates'][number]): string {
  const count = tests === null ? '' : ` ${tests.passed}/${tests.total}`;
  return `${cell(gate, 40)} ${result.replace('_', ' ')}${count}${failureClass === null ? '' : ` (${failureClass})`}`;
}

function failingCell({ failing }: AttemptRecord): string {
  const [first] = failing;
  if (first === undefined) return '–';
  return `${cell(first.id, 80)}${failing.length === 1 ? '' : ` and ${failing.length - 1} more`}`;
}

const share = (progress: number | null): string => (progress === null ? '–' : `${(progress * 100).toFixed(1)} %`);

function stat(diffs: Readonly<Record<string, DiffStat>>): string {
  const sum = (name: keyof DiffStat): number => Object.values(diffs).reduce((total, diff) => total + diff[name], 0);
  return sum('files') === 0 ? 'nothing' : `${count(sum('files'))} +${sum('insertions')} −${sum('deletions')}`;
}

const count = (files: number): string => (files === 1 ? '1 file' : `${files} files`);

const redRecord = ({ attempts, failed }: Dossier): AttemptRecord | undefined =>
  attempts.find(({ number }) => number === failed);

const redGates = ({ gates }: AttemptRecord): AttemptRecord['gates'] =>
  gates.filter(({ result }) => result !== 'passed');

/** The failing tests, else what the gates said. */
function failingLines(red: AttemptRecord | undefined): readonly string[] {
  if (red === undefined) return [];
  const tests = red.failing.slice(0, 5).map(({ id }) => `- ${code(id, 200)}`);
  return tests.length > 0 ? tests : redGates(red).map(({ gate, why }) => `- ${cell(gate, 40)}: ${code(why, 300)}`);
}

function failures(dossier: Dossier): string {
  const last = dossier.attempts.at(-1);
  const red = redRecord(dossier);
  if (last === undefined) return '';
  const { end, why, unjudged, number } = last;
  const lead = [
    ...(end === 'done' ? [] : [`- the agent of attempt ${number} ended ${end}: ${code(why, 500)}`]),
    ...(unjudged === '' ? [] : [`- attempt ${number} ${unjudged}`]),
  ];
  if (red === undefined) return lead.length === 0 ? '' : listed(lead, 2000);
  return redness(red, { lead, earlier: red.number !== number });
}

function redness(
  red: AttemptRecord,
  { lead, earlier }: { readonly lead: readonly string[]; readonly earlier: boolean },
): string {
  const { failing, excerpt, number } = red;
  const before = earlier ? `attempt ${number}, ` : '';
  const told = [...lead, ...redGates(red).map((one) => `- ${before}${gateCell(one)}: ${code(one.why, 500)}`)];
  const tests = failing.map(
    ({ id, where, seconds, evidence }) =>
      `${code(id, 300)} at ${code(where, 200)}${seconds === undefined ? '' : `, ${seconds.toFixed(1)} s`}\n\n${block(head(evidence, 700), 800)}\n`,
  );
  return [
    listed(told, 2000),
    ...(tests.length === 0 ? [] : [listed(tests, 7000)]),
    ...(excerpt === '' ? [] : [`End of the output:\n\n${block(excerpt, 2000)}`]),
  ].join('\n\n');
}

function beliefs({ attempts, cords }: Dossier): string {
  const items = attempts.toReversed().flatMap(({ number, hypotheses }) => hypotheses.map((one) => belief(number, one)));
  const pulled = cords.map(({ role, cord, why }) => `- the ${role} pulled the cord ${cord}: ${code(why, 400)}`);
  const all = [...pulled.toReversed(), ...items];
  return all.length === 0 ? '' : listed(all, 8000);
}

function belief(attempt: number, { id, claim, kind, evidence, standing, why }: Hypothesis): string {
  const fell = why === '' ? '' : `: ${code(why, 400)}`;
  const cited = evidence.slice(0, 3).map(({ source, quote }) => `  - ${code(source, 100)} says ${code(quote, 300)}`);
  return [
    `- attempt ${attempt}, ${code(id, 20)} (${kind}): ${code(claim, 400)} – **${standing}**${fell}`,
    ...cited,
  ].join('\n');
}

function best({ best, attempts }: Dossier): string {
  if (best === null) return 'No attempt changed anything: a draft would be empty.';
  const progress = attempts.find(({ number }) => number === best.attempt)?.progress ?? null;
  const commits = Object.entries(best.commits).map(([key, commit]) => {
    const { files, insertions, deletions } = best.diffs[key] ?? { files: 0, insertions: 0, deletions: 0 };
    return `- ${code(key)}: ${code(commit)}, ${count(files)} +${insertions} −${deletions}`;
  });
  return [
    `A draft would carry attempt ${best.attempt} (progress ${share(progress)}). Its commits are kept below ${code(best.refs)}:`,
    listed(commits, 3000),
  ].join('\n\n');
}

function earlier({ answers }: Dossier): string {
  const items = answers.map(({ question, decision, by, channel, guidance }) => {
    const who = channel === 'policy' ? 'nobody: the time to answer ran out' : code(by ?? 'somebody', 60);
    return `- ${question}: ${decision} by ${who}${guidance === undefined ? '' : `, ${code(guidance, 300)}`}`;
  });
  return items.length === 0 ? '' : listed(items.toReversed(), 3000);
}

function places({ commands, attempts }: Dossier): string {
  const refs = attempts
    .toReversed()
    .flatMap(({ number, artifacts }) => [...new Set(artifacts)].map((ref) => `- attempt ${number}: ${code(ref)}`));
  return [
    `\`\`\`sh\n${commands.look.join('\n')}\n\`\`\``,
    ...(refs.length === 0 ? [] : [`In the artifact store:\n${listed(refs, 3000)}`]),
  ].join('\n\n');
}

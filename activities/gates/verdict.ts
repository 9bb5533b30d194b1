import type { FailureClass, Finding, TestCounts } from '../../domain/gate.ts';
import { oneLine } from '../../domain/text.ts';
import type { Judgement } from '../../formats/judge.ts';
import type { CommandVerdict } from './command.ts';
import { firstPart, lastPart } from './text.ts';

const MAX_ID = 300;
const MAX_EVIDENCE = 1000;
const MAX_EXCERPT = 4000;

/** What is known of one finished command. */
export interface Observation {
  readonly name: string;
  /** Reports that it should write; none where the exit code alone decides. */
  readonly expected: readonly string[];
  /** Number of reports that it wrote. */
  readonly found: number;
  readonly output: string;
  readonly judgement: Judgement;
}

type Verdict = Omit<CommandVerdict, 'files'>;

/** The verdict on a finished command. Where a report is expected, one without an executed test is `not_run`, whatever the exit code. */
export function verdictOn(seen: Observation): Verdict {
  const { name, expected, judgement } = seen;
  if (judgement.class !== 'pass') return red(seen, judgement.class);
  const common = { name, tests: countsOf(judgement), fingerprint: '', findings: [], ...flakesOf(name, judgement) };
  const examined = judgement.passed ?? (expected.length === 0 ? 1 : 0);
  if (examined > 0) return { ...common, result: 'passed', examined, why: '', failureClass: null, excerpt: '' };
  return {
    ...common,
    result: 'not_run',
    examined,
    why: `${name}: the command succeeded but ${lack(seen)}`,
    failureClass: 'no_tests',
    fingerprint: 'no_tests',
    excerpt: lastPart(seen.output, MAX_EXCERPT),
  };
}

function lack({ found, expected, judgement: { unread } }: Observation): string {
  if (found === 0) return `it wrote no report (${expected.join(', ')})`;
  return unread[0] ?? 'its report shows no test';
}

function red({ name, expected, output, judgement }: Observation, failureClass: FailureClass): Verdict {
  const { failures, fingerprint, why, unread } = judgement;
  const notRun = failureClass === 'no_tests' || failureClass === 'infra';
  const tests = countsOf(judgement);
  const ran = tests === null ? Number(expected.length === 0) : tests.passed + tests.failed;
  return {
    name,
    result: notRun ? 'not_run' : 'failed',
    examined: notRun ? 0 : ran,
    tests,
    ...flakesOf(name, judgement),
    why: `${name}: ${oneLine(why)}${unread[0] === undefined ? '' : ` (${unread[0]})`}`,
    failureClass,
    fingerprint,
    findings: failures.length === 0 ? [wholeCommand(name, why, output)] : failures.map((test) => finding(name, test)),
    excerpt: lastPart(output, MAX_EXCERPT),
  };
}

function flakesOf(name: string, { flakes }: Judgement): Pick<Verdict, 'flakes'> {
  return flakes.length === 0 ? {} : { flakes: flakes.map((id) => ({ id: idOf(name, id) })) };
}

const idOf = (name: string, id: string): string => firstPart(`${name}:${id}`, MAX_ID);

function countsOf({ passed, failed, total }: Judgement): TestCounts | null {
  return passed === null || failed === null || total === null ? null : { passed, failed, total };
}

function finding(name: string, { id, where, message, seconds }: Judgement['failures'][number]): Finding {
  const repository = name.slice(0, name.indexOf(':'));
  return {
    id: idOf(name, id),
    severity: 'high',
    where: where === '' ? name : `${repository}:${where}`,
    title: oneLine(id),
    evidence: firstPart(message, MAX_EVIDENCE),
    ...(seconds === null ? {} : { seconds }),
  };
}

function wholeCommand(name: string, why: string, output: string): Finding {
  const reason = oneLine(why);
  const evidence = `${reason}\n${lastPart(output, MAX_EVIDENCE - reason.length - 1)}`.trim();
  return { id: name, severity: 'high', where: name, title: reason, evidence };
}

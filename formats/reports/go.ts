import { z } from 'zod';
import { ownFrame } from './frame.ts';
import type { Report, TestCase } from './report.ts';
import { ReportBroken, reportOf } from './report.ts';

const event = z.object({
  Action: z.string(),
  Package: z.string().default(''),
  ImportPath: z.string().default(''),
  Test: z.string().default(''),
  Output: z.string().default(''),
  Elapsed: z.number().optional(),
  FailedBuild: z.string().optional(),
});
type Event = z.infer<typeof event>;

interface State {
  readonly cases: Map<string, TestCase>;
  readonly broken: Map<string, TestCase>;
  /** What each test, package and build printed. */
  readonly printed: Map<string, string[]>;
  /** Packages of which a test failed. */
  readonly red: Set<string>;
  stopped: boolean;
}

const RESULTS: Readonly<Record<string, TestCase['result']>> = { pass: 'passed', fail: 'failed', skip: 'skipped' };
const FRAMING = /^(=== (RUN|CONT|PAUSE|NAME)\s|\s*--- (PASS|FAIL|SKIP): |(FAIL|PASS|ok)\b|exit status \d+|\?\s)/;

/** Reads `go test -json`. Lines between the events are a build tool's. Throws ReportBroken when it is cut off. */
export function readGoJson(text: string): Report {
  const state: State = { cases: new Map(), broken: new Map(), printed: new Map(), red: new Set(), stopped: false };
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const found = line.startsWith('{') ? eventOf(line) : undefined;
    if (found !== undefined) take(state, found);
    else if (line.startsWith('{') && index === lines.length - 1) throw new ReportBroken('is cut off in its last line');
  }
  return reportOf('go test', [...state.cases.values()], {
    broken: [...state.broken.values()],
    stopped: state.stopped,
  });
}

function eventOf(line: string): Event | undefined {
  try {
    return event.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function take(state: State, { Action: action, Package: name, Test: test, ...rest }: Event): void {
  const id = test === '' ? name || rest.ImportPath : `${name}.${test}`;
  if (action === 'output' || action === 'build-output') {
    if (rest.Output.startsWith('panic: test timed out after ')) state.stopped = true;
    const printed = state.printed.get(id);
    if (printed === undefined) state.printed.set(id, [rest.Output]);
    else printed.push(rest.Output);
    return;
  }
  const result = RESULTS[action];
  if (result === undefined) return;
  if (test !== '') {
    if (result === 'failed') state.red.add(name);
    state.cases.set(id, caseOf(state, { id, result, seconds: rest.Elapsed }));
  } else if (rest.FailedBuild !== undefined) {
    const message = printedBy(state, rest.FailedBuild);
    state.broken.set(id, { id, result: 'failed', message, where: ownFrame(message), seconds: null });
  } else if (result === 'failed' && !state.red.has(name) && !setupFailed(state, id)) {
    state.cases.set(id, caseOf(state, { id, result, seconds: rest.Elapsed }));
  }
}

/** Before Go 1.24 a package that does not build says so in its output only. */
function setupFailed(state: State, id: string): boolean {
  const said = (state.printed.get(id) ?? []).join('');
  if (!/^FAIL\s+\S+ \[(build|setup) failed\]$/m.test(said)) return false;
  state.broken.set(id, { id, result: 'failed', message: printedBy(state, id), where: '', seconds: null });
  return true;
}

function caseOf(
  state: State,
  { id, result, seconds }: Pick<TestCase, 'id' | 'result'> & { seconds: number | undefined },
): TestCase {
  const message = result === 'failed' ? printedBy(state, id) : '';
  state.printed.delete(id);
  return { id, result, message, where: ownFrame(message), seconds: seconds ?? null };
}

function printedBy({ printed }: State, id: string): string {
  const lines = (printed.get(id) ?? []).join('').split('\n');
  return lines
    .filter((line) => !FRAMING.test(line))
    .join('\n')
    .trim();
}

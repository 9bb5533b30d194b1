import { z } from 'zod';
import type { Report, TestCase } from './report.ts';
import { ReportBroken, reportOf } from './report.ts';

const stage = z.object({
  outcome: z.string(),
  duration: z.number().default(0),
  longrepr: z.unknown().optional(),
});
const reportFile = z.object({
  collectors: z
    .array(z.object({ nodeid: z.string(), outcome: z.string(), longrepr: z.unknown().optional() }))
    .default([]),
  tests: z.array(
    z.object({
      nodeid: z.string(),
      setup: stage.optional(),
      call: stage.optional(),
      teardown: stage.optional(),
    }),
  ),
});
const logLine = z.object({
  $report_type: z.string(),
  nodeid: z.string().default(''),
  when: z.string().default(''),
  outcome: z.string().default(''),
  duration: z.number().default(0),
  longrepr: z.unknown().optional(),
});
const entries = z.array(
  z.object({
    data: z.object({
      lines: z.array(z.string()).default([]),
      reprfileloc: z.object({ path: z.string(), lineno: z.number(), message: z.string().default('') }).nullish(),
    }),
  }),
);
const trace = z.object({ reprentries: entries });
const exception = z.object({ reprtraceback: trace, chain: z.array(z.tuple([trace], z.unknown())).nullish() });

type Stage = z.infer<typeof stage>;

/** Reads the JSON of pytest-json-report. Throws a ZodError on another shape. */
export function readPytestJson(value: object): Report {
  const { tests, collectors } = reportFile.parse(value);
  const cases = tests.map(({ nodeid, setup, call, teardown }) =>
    caseOf(
      nodeid,
      [setup, call, teardown].filter((found) => found !== undefined),
    ),
  );
  return withCollectors(cases, collectors);
}

/** Reads the JSON lines of pytest-reportlog. Throws ReportBroken when the last of them are missing. */
export function readPytestLog(text: string): Report {
  const lines = text.split('\n').map(logLineOf);
  if (lines.at(-1)?.$report_type !== 'SessionFinish')
    throw new ReportBroken('is cut off: it has no end of the session');
  const tests = new Map<string, Stage[]>();
  for (const { $report_type: type, nodeid, when, ...rest } of lines) {
    if (type !== 'TestReport') continue;
    // A test that runs again begins with its set-up.
    if (when === 'setup' || !tests.has(nodeid)) tests.set(nodeid, []);
    tests.get(nodeid)?.push(rest);
  }
  const cases = [...tests].map(([nodeid, stages]) => caseOf(nodeid, stages));
  const collectors = lines.filter(({ $report_type: type }) => type === 'CollectReport');
  return withCollectors(cases, collectors);
}

function logLineOf(line: string): z.infer<typeof logLine> {
  try {
    return logLine.parse(JSON.parse(line));
  } catch {
    throw new ReportBroken('has a line that is broken or cut off');
  }
}

function withCollectors(
  cases: readonly TestCase[],
  collectors: readonly { readonly nodeid: string; readonly outcome: string; readonly longrepr?: unknown }[],
): Report {
  const found = collectors
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'skipped')
    .map(({ nodeid, outcome, longrepr }) => caseOf(nodeid, [{ outcome, duration: 0, longrepr }]));
  const skipped = found.filter(({ result }) => result === 'skipped');
  return reportOf('pytest', [...cases, ...skipped], { broken: found.filter(({ result }) => result === 'failed') });
}

/** A test failed when its set-up, its call or its teardown did; one that is expected to fail and does was skipped. */
function caseOf(id: string, stages: readonly Stage[]): TestCase {
  const red = stages.filter(({ outcome }) => outcome === 'failed');
  const skipped = stages.some(({ outcome }) => outcome === 'skipped');
  const message = red
    .map(({ longrepr }) => textOf(longrepr))
    .join('\n')
    .trim();
  return {
    id,
    result: red.length > 0 ? 'failed' : skipped ? 'skipped' : 'passed',
    message,
    where: lastPlace(message),
    seconds: stages.reduce((sum, { duration }) => sum + duration, 0),
  };
}

/** What pytest would have printed: a text as it is, a structured exception from its parts. */
function textOf(longrepr: unknown): string {
  if (typeof longrepr === 'string') return longrepr;
  const found = exception.safeParse(longrepr).data;
  if (found === undefined) return '';
  const traces = found.chain?.map(([each]) => each) ?? [found.reprtraceback];
  return traces
    .flatMap(({ reprentries }) => reprentries)
    .flatMap(({ data: { lines, reprfileloc: place } }) => [
      ...lines,
      ...(place === null || place === undefined ? [] : [`${place.path}:${place.lineno}: ${place.message}`]),
    ])
    .join('\n');
}

/** The last frame below the working folder. */
function lastPlace(message: string): string {
  const places = message.split('\n').map((line) => /^([^\s/:][^\s:]{0,300}\.py:\d+): /.exec(line)?.[1]);
  return places.findLast((place) => place !== undefined) ?? '';
}

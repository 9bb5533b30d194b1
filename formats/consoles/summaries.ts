import { blocks, failure, reading, sumOf, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

/** A runner that ends with a summary line and gives each failure a heading. */
interface Runner {
  readonly format: string;
  readonly summary: RegExp;
  /** From the groups of the summary. */
  counts(figures: readonly number[]): Counts;
  /** Failures stand below this line. */
  readonly from?: RegExp;
  /** Heading of a failure; its first group is the test's id. */
  readonly failure: RegExp;
  readonly end: RegExp;
  /** Each suite is summed up, and all of them at the end. */
  readonly nested?: boolean;
  /** Says that files could not be loaded. */
  readonly broken?: RegExp;
  /** The id of a failure that is of a file. */
  readonly unloaded?: RegExp;
}

const of = (passed: number, failed: number, skipped = 0): Counts => ({
  passed,
  failed,
  total: passed + failed + skipped,
});

const RUNNERS: readonly Runner[] = [
  {
    format: 'rspec',
    summary: /^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?(?:, (\d+) errors? occurred outside of examples)?$/,
    counts: ([total = 0, failed = 0, pending = 0]) => of(total - failed - pending, failed, pending),
    from: /^Failures:$/,
    failure: /^ {2}\d+\) (.+)$/,
    end: /^(Finished in |Failed examples:|Pending:)/,
    broken: /^An error occurred while loading (.+)\.$/,
  },
  {
    format: 'jasmine',
    summary: /^(\d+) specs?, (\d+) failures?(?:, (\d+) pending specs?)?$/,
    counts: ([total = 0, failed = 0, pending = 0]) => of(total - failed - pending, failed, pending),
    from: /^Failures:$/,
    failure: /^\d+\) (.+)$/,
    end: /^(Pending:|\d+ specs?, |Suite error: )/,
  },
  {
    format: 'minitest',
    summary:
      /^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors(?:, (?:(\d+) pendings, (\d+) omissions, \d+ notifications|(\d+) skips))?$/,
    counts: ([total = 0, failures = 0, errors = 0, pendings = 0, omissions = 0, skips = 0]) => {
      const skipped = pendings + omissions + skips;
      return of(total - failures - errors - skipped, failures + errors, skipped);
    },
    failure: /^ *(?:\d+\) (?:Failure|Error):$|(?:Failure|Error): ([^\s(]+\(\S+\))(.*)$)/,
    end: /^(\d+ (runs|tests), |={10,}$| *\d+\) Skipped:$)/,
  },
  {
    format: 'dotnet test',
    summary: /^(?:Passed!|Failed!) +- Failed: +(\d+), Passed: +(\d+), Skipped: +(\d+), Total: +\d+/,
    counts: ([failed = 0, passed = 0, skipped = 0]) => of(passed, failed, skipped),
    failure: /^ {2}Failed (\S.*?) \[.+\]$/,
    end: /^( {2}(Passed|Skipped) \S|(Passed|Failed)! )/,
  },
  {
    format: 'cargo nextest',
    summary:
      /^ *Summary \[.+\] +(\d+) tests? run: (\d+) passed(?: \(.*?\))?(?:, (\d+) failed)?(?:, (\d+) timed out)?(?:, (\d+) skipped)?/,
    counts: ([, passed = 0, failed = 0, late = 0, skipped = 0]) => of(passed, failed + late, skipped),
    failure: /^--- STD(?:OUT|ERR): +(.+?) ---$/,
    end: /^ *(PASS|FAIL|SIGABRT|Cancelling|Summary) \[/,
  },
  {
    format: 'deno',
    summary:
      /^(?:ok|FAILED) \| (\d+) passed(?: \(\d+ steps?\))? \| (\d+) failed(?: \(\d+ steps?\))?(?: \| (\d+) ignored)?/,
    counts: ([passed = 0, failed = 0, ignored = 0]) => of(passed, failed, ignored),
    failure: /^(\S.*) => \S+:\d+:\d+$/,
    broken: /^(\S+) \(uncaught error\)$/,
    end: /^( ?FAILURES ?|(ok|FAILED) \| )/,
  },
  {
    format: 'xctest',
    summary: /^\s*Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures? \(\d+ unexpected\)/,
    counts: ([total = 0, skipped = 0, failed = 0]) => of(total - skipped - failed, failed, skipped),
    nested: true,
    failure: /^\S+:\d+: error: (?:-\[)?([\w.]+ ?\w+)\]? : /,
    end: /^Test (Case|Suite) /,
  },
  {
    format: 'doctest',
    summary: /^\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed \|/,
    counts: ([passed = 0, failed = 0]) => of(passed, failed),
    failure: /^TEST CASE: +(.+)$/,
    end: /^={60,}$/,
  },
  {
    format: 'robot',
    summary: /^(\d+) tests?, (\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/,
    counts: ([, passed = 0, failed = 0, skipped = 0]) => of(passed, failed, skipped),
    nested: true,
    failure: /^(.+?) +\| FAIL \|$/,
    end: /^(-{70,}|={70,}|.+ \| (PASS|SKIP) \|)$/,
  },
  {
    format: 'busted',
    summary: /^(\d+) success(?:es)? \/ (\d+) failures? \/ (\d+) errors? \/ (\d+) pending : [\d.]+ seconds$/,
    counts: ([passed = 0, failures = 0, errors = 0, pending = 0]) => of(passed, failures + errors, pending),
    failure: /^(?:Failure|Error) -> (?:(\S+:\d+): (.*)|\S+ @ \d+)$/,
    end: /^Pending -> /,
    unloaded: /^suite \S+$|:\d+$/,
  },
  {
    format: 'testthat',
    summary: /^\[ FAIL (\d+) \| WARN \d+ \| SKIP (\d+) \| PASS (\d+) \]$/,
    counts: ([failed = 0, skipped = 0, passed = 0]) => of(passed, failed, skipped),
    nested: true,
    failure: /^(?:── \d+\. )?(?:Failure|Error) \([^)]*\): (.+?)(?: ─+)?$/,
    end: /^(─{20,}|══ .*|(── \d+\. )?(Skip|Warning) \(.*)$/,
    unloaded: /^\(code run outside of /,
  },
  {
    format: 'eunit',
    summary: /^ {2}Failed: (\d+)\. {1,4}Skipped: (\d+)\. {1,4}Passed: (\d+)\.$/,
    counts: ([failed = 0, skipped = 0, passed = 0]) => of(passed, failed, skipped),
    failure: /^ {2,40}(\S.*?)\.\.\.(?:\[[\d.]+ s\] )?\*failed\*$/,
    end: /^( {2,40}\S.*\.\.\.(\[[\d.]+ s\] )?(ok|\*\w+\*)| {2,40}\[done in .*|={20,})$/,
  },
  {
    // these two end alike, and EUnit as rebar3 runs it
    format: 'exunit or bats',
    summary: /^(?:\d+ (?:doctests?|properties), )*(\d+) tests?, (\d+) failures?(?:, (\d+) (?:skipped|excluded))?/,
    counts: ([total = 0, failed = 0, skipped = 0]) => of(total - failed - skipped, failed, skipped),
    failure: /^(?: {2}\d+\) (?:test |property )?| ✗ )(.+)$/,
    end: /^(Finished in | [✓-] | {2}\* (?:test|property|doctest) |[.*?]+$|\d+ tests?, )/,
  },
];

/** Runners that need no reader of their own. */
export const summaries: ConsoleReader = (lines) => {
  for (const runner of RUNNERS) {
    const found = lines.map((line) => runner.summary.exec(line)).filter((match) => match !== null);
    if (found.length === 0) continue;
    const rows = found.map((match) => runner.counts(match.slice(1).map((figure) => Number(figure ?? 0) || 0)));
    const cases = failuresOf(lines, runner);
    const broken = lines.flatMap((line, index) => {
      const [, file] = runner.broken?.exec(line) ?? [];
      return file === undefined ? [] : [failure(file, lines.slice(index + 1, index + 12).join('\n'))];
    });
    return reading(runner.format, {
      counts: sumOf(runner.nested === true ? rows.slice(-1) : rows) ?? null,
      failures: unique(cases.filter(({ id }) => runner.unloaded?.test(id) !== true)),
      broken: [...broken, ...cases.filter(({ id }) => runner.unloaded?.test(id) === true)],
    });
  }
  return undefined;
};

function failuresOf(lines: readonly string[], { from, failure: head, end, summary }: Runner) {
  const found = blocks(from === undefined ? lines : section(lines, from, end), head, end).map(({ title, body }) => {
    const id = title[1] ?? body[0] ?? '';
    return { id, body: title[1] === undefined ? body.slice(1) : [title[2] ?? '', ...body] };
  });
  const own = found.filter(({ body }) => !body.slice(0, 2).some((line) => summary.test(line)));
  return own.map(({ id, body }) => failure(id.replace(/ \[.*\]:?$|:$/, ''), body.join('\n')));
}

/** The lines between one that `from` matches and the next that `end` does. */
function section(lines: readonly string[], from: RegExp, end: RegExp): readonly string[] {
  const start = lines.findIndex((line) => from.test(line));
  const rest = start < 0 ? [] : lines.slice(start + 1);
  const stop = rest.findIndex((line) => end.test(line));
  return stop < 0 ? rest : rest.slice(0, stop);
}

import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const RESULT = /^(\s*)--- (PASS|FAIL|SKIP): (\S+) \([\d.]+s\)$/;
const PACKAGE = /^(ok|FAIL|\?|---)\s+(\S+)\s+(\(cached\)|[\d.]+s|\[.+\])/;

const EVENT = /^\{"(Time|Action|ImportPath)":/;

interface Package {
  readonly name: string;
  readonly note: string;
  readonly from: number;
  readonly to: number;
}

/** `go test`, with -v, without, and with -json. */
export const go: ConsoleReader = (given) => {
  const lines = fromJson(given) ?? given;
  const packages = packagesOf(lines);
  const verbose = lines.some((line) => line.startsWith('=== RUN '));
  if (packages.length === 0 && !verbose) return undefined;
  const results = packages.flatMap((one) => resultsOf(lines, one));
  const broken = packages
    .filter(({ note }) => /^\[(build|setup) failed\]$/.test(note))
    .map(({ name }) => failure(name, buildErrors(lines, name)));
  const count = (kind: string): number => results.filter((result) => result.kind === kind).length;
  const panicked = lines.findIndex((line) => line.startsWith('panic: test timed out after '));
  const crashed = lines.some((line) => line.startsWith('panic: '));
  const nothing = packages.length > 0 && packages.every(({ note }) => /no test(s to run| files)/.test(note));
  const counts = { passed: count('PASS'), failed: count('FAIL'), total: results.length };
  return reading('go test', {
    counts: (verbose && broken.length === 0 && !crashed) || nothing ? counts : null,
    failures: results.filter(({ kind }) => kind === 'FAIL').map(({ test }) => test),
    broken,
    stopped: panicked >= 0,
    running: panicked < 0 ? undefined : /^\s*(Test\S+) \(/.exec(lines[panicked + 2] ?? '')?.[1],
  });
};

function packagesOf(lines: readonly string[]): readonly Package[] {
  const found: Package[] = [];
  for (const [index, line] of lines.entries()) {
    const [, , name = '', note = ''] = PACKAGE.exec(line) ?? [];
    if (name === '') continue;
    const tail = /\[no tests to run\]/.exec(line)?.[0] ?? note;
    found.push({ name, note: tail, from: found.at(-1)?.to ?? 0, to: index + 1 });
  }
  return found;
}

function resultsOf(lines: readonly string[], { name, from, to }: Package): readonly { kind: string; test: TestCase }[] {
  const part = lines.slice(from, to);
  return part.flatMap((line, index) => {
    const [, , kind, test = ''] = RESULT.exec(line) ?? [];
    if (kind === undefined) return [];
    return [{ kind, test: failure(`${name}.${test}`, kind === 'FAIL' ? messageOf(part, index, test) : '') }];
  });
}

/** What a test printed: below its result without -v, between its start and its result with -v. */
function messageOf(lines: readonly string[], at: number, test: string): string {
  const start = lines.lastIndexOf(`=== RUN   ${test}`, at);
  const own: string[] = [];
  let active = true;
  for (const line of lines.slice(start + 1, at)) {
    const [, who] = /^=== (?:RUN|CONT|PAUSE|NAME)\s+(\S+)$/.exec(line) ?? [];
    if (who !== undefined) active = who === test;
    else if (start >= 0 && active && !RESULT.test(line)) own.push(line);
  }
  const after: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (RESULT.test(line) || /^(=== |FAIL|PASS|ok\s|exit status|\?\s)/.test(line)) break;
    after.push(line);
  }
  return [...own, ...after].join('\n');
}

/** The compiler's lines below `# package`. */
function buildErrors(lines: readonly string[], name: string): string {
  const at = lines.findIndex((line) => line === `# ${name}` || line.startsWith(`# ${name} `));
  if (at < 0) return '';
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => /^(#|FAIL|ok\s|=== |\?)/.test(line));
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The output inside of `go test -json` events, in order; nothing when these are no such events. */
function fromJson(lines: readonly string[]): readonly string[] | undefined {
  if (!lines.some((line) => EVENT.test(line))) return undefined;
  const output = lines.map((line) => {
    if (!EVENT.test(line)) return `${line}\n`;
    try {
      const event: { Output?: unknown } = JSON.parse(line);
      return typeof event.Output === 'string' ? event.Output : '';
    } catch {
      return `${line}\n`;
    }
  });
  return output.join('').split('\n');
}

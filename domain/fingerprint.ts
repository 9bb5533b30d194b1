const NOISE: readonly (readonly [RegExp, string])[] = [
  // also those that a message cut short
  [
    /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{8}-[0-9a-f]{4}(?:-[0-9a-f]{0,12}){0,3}(?:…|\.{3})/gi,
    '<uuid>',
  ],
  [
    /\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?:Z| ?[+-]\d\d:?\d\d)?(?: UTC)?(?: m=[+-][\d.]+)?/g,
    '<time>',
  ],
  [/\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  // dates with names of days and months: of ctime, of HTTP, of JavaScript
  [
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:[A-Z][a-z]{2} {1,2}\d{1,2}|\d{1,2} [A-Z][a-z]{2})(?: \d{4})? <time>(?: (?:[A-Z]{2,5}(?:[+-]\d{4})?|[+-]\d{4}))?(?: \d{4}\b)?(?: \([A-Z][A-Za-z ]{1,40}\))?/g,
    '<time>',
  ],
  [/\b0x[0-9a-f]+\b/gi, '<address>'],
  // processes and references of Erlang
  [/(#\w{1,20})?<\d+(?:\.\d+){1,4}>/g, '$1<address>'],
  [/(\w)@[0-9a-f]{5,16}\b/g, '$1@<address>'],
  [/\b(127\.0\.0\.1|0\.0\.0\.0|localhost)(?:\/127\.0\.0\.1)?:\d{2,5}/g, '$1:<port>'],
  [/(\[::1?\]):\d{2,5}\b/g, '$1:<port>'],
  [/\b(port|pid|process|thread|goroutine|seed)\b(['"]?\s*[:=#]?\s*)\d+/gi, '$1$2<n>'],
  [/(thread '[^']*') \(\d+\)/g, '$1'],
  [/==\d+==/g, '==<n>=='],
  [/\b\d+(?:[.,]\d+)?\s?(?:ms|µs|us|ns|seconds?|secs?|minutes?|s)\b/g, '<duration>'],
  [/\b(tv_n?sec: )\d+/g, '$1<n>'],
  [/\b1\d{9}(?:\d{3}|\d{6}|\d{9})?(?:\.\d+)?\b/g, '<time>'],
  [/\bline[ ,]\d+\b/gi, 'line <line>'],
  [/(\.\w{1,5} @ )\d+\b/g, '$1<line>'],
  [/\(\d+:\d+\)$/gm, '(<line>)'],
  // rules as wide as what stands beside them leaves
  [/[─━═]{3,}|[-=_]{8,}/g, '─'],
];
// Also as report writers put them into XML, which may hold no escape character.
// oxlint-disable-next-line no-control-regex
const COLOUR = /(?:\u001B|#x1B|\^\[)\[[0-9;]*[A-Za-z]/gi;
// Values that a message cut short in their middle: which letters are left depends on how long the ids in them are.
const CUT_WORD = /[^\s'"]{1,60}\.{3}[^\s'"]{1,60}/g;
const CUT_TEXT = /'[^'\n]{0,60}\.{3}[^'\n]{0,60}'|"[^"\n]{0,60}\.{3}[^"\n]{0,60}"/g;
// How some show the spaces in values.
const SHOWN_SPACE = /·/g;
const PATH = /(^|[^\w.)\]-])(?:file:\/\/)?(?:[A-Za-z]:)?((?:[\\/][\w.@+~%=-]+){2,}[\\/]?)/gm;
const PLACE = /([\w.-]+\.[A-Za-z]\w{0,5})(?::\d+){1,2}/g;
const PLACE_IN_BRACKETS = /(\.[A-Za-z]\w{0,5}:?)[([]\d+(?:,\d+)?[)\]]/g;
// Folders in which names are made up.
const SCRATCH = new Set(['tmp', 'temp', 'Temp', 'T', 'shm']);
const HEX = /\b[0-9a-f]{6,64}\b/gi;

/**
 * A message without what changes from run to run: times, ids, ports, folders, addresses, durations, line numbers. Numbers that
 * are values stay.
 */
export function normalise(message: string): string {
  let text = message
    .replace(COLOUR, '')
    .replace(SHOWN_SPACE, ' ')
    .replace(PATH, (_, before: string, path: string) => before + lastName(path));
  for (const [pattern, replacement] of NOISE) text = text.replace(pattern, replacement);
  return text
    .replace(PLACE, '$1:<line>')
    .replace(PLACE_IN_BRACKETS, '$1<line>')
    .replace(HEX, (word, at: number, whole: string) => (isHash(word, whole[at - 1]) ? '<hash>' : word))
    .replace(/\s+/g, ' ')
    .trim();
}

/** Checkouts and scratch folders are somewhere else in every run, so of a path only its last name is told. */
function lastName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  const name = parts.at(-1) ?? '';
  if (SCRATCH.has(parts.at(-2) ?? '') && !name.includes('.')) return '<path>';
  const random = /^(tmp|temp)/i.test(name) || (/\d/.test(name) && /[a-z]/i.test(name) && !name.includes('.'));
  return random && name.length >= 6 ? '<path>' : name;
}

function isHash(word: string, before: string | undefined): boolean {
  if (!/\d/.test(word) || !/[a-f]/i.test(word)) return false;
  return word.length >= 8 || before === '-' || before === '_';
}

// Patterns below may take quadratic time on a line, so lines are kept short.
const MAX_LINE = 2000;
const MAX_LINES = 200;

const FRAMES: readonly RegExp[] = [
  // stack frames: JavaScript, Java, .NET; Python; sanitizers and Rust; Go; Elixir; Vitest
  /^\s*at .+/,
  /^\s*File ".+", line \d+/,
  /^\s*#?\d+:? +0x[0-9a-f]+ /,
  /^\s*(?:file:\/\/)?[\w@./+-]+\.[A-Za-z]\w{0,5}:\d+(?::\d+)?$/,
  /^\s*\.\.\. \d+ (more|lines|common frames)/,
  /^goroutine \d+ \[/,
  /^\s+\S+\.go:\d+ \+0x/,
  /^\s*(?:\(\w+ [\w.-]+\) )?\S+\.(?:exs?|erl):\d+: /,
  /^\s*stacktrace:$/,
  /^in (?:call from|function) \S+ \(/,
  /^\s*❯ (?:\S+ )?\S+:\d+:\d+/,
  /^\s*(?:# |from )?\S+:\d+:in [`']/,
  // code around the place, and the marks below it
  /^\s*(?:>\s*)?\d+ ?\|/,
  /^ +(?:=> +)?\d+: /,
  /^\s*\|/,
  /^[\s^~-]*$/,
  // logs
  /^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d/,
  /^\s*\[?\d\d:\d\d:\d\d/,
  /^\s*(TRACE|DEBUG|INFO|WARN|WARNING)\b[\s:]/,
  /^note: run with `RUST_BACKTRACE/,
  /^\s*(?:using |random(?:ized with)? |using random )?seed\b[:= ]+\S+$/i,
];

// pytest marks what went wrong, among the source of the test.
const PYTEST = /^E {2,4}/;
// Node's assertions lay two values over each other, letter by letter, above the values themselves.
const OVERLAID = /^[^\S\n]*actual expected[^\S\n]*\n[^\S\n]*\n.*$/gm;
const VALUE = /^\s*(?:expected: |\+ expected - actual)/m;
const DIFFERENCE = /^\s*[+-] \S/;
const CODE_LINE = /^\d+: /;

/** What a failure says, line by line and normalised, without stack frames, code and logs around it. */
export function essence(message: string): string {
  const sanitizer = /^SUMMARY: \w+Sanitizer: .+$/m.exec(message);
  if (sanitizer !== null) return normalise(sanitizer[0]);
  const plain = message.replace(COLOUR, '');
  const given = (VALUE.test(plain) ? plain.replace(OVERLAID, '') : plain).split('\n');
  const told = given.filter((line) => PYTEST.test(line)).map((line) => line.replace(PYTEST, ''));
  const lines: string[] = [];
  let trace = Infinity;
  const text = told.length > 0 ? told : given;
  // What is cut short in one line stands whole in another.
  const whole = text.some((line) => DIFFERENCE.test(line));
  for (const each of text) {
    if (lines.length >= MAX_LINES) break;
    const line = uncut(each.slice(0, MAX_LINE).replace(CODE_LINE, ''), whole);
    const indent = line.search(/\S/);
    if (line.startsWith('Traceback (most recent call last):', indent)) trace = indent;
    else if (indent > trace || (indent < 0 && trace < Infinity)) continue;
    else {
      trace = Infinity;
      if (!FRAMES.some((pattern) => pattern.test(line))) lines.push(normalise(line));
    }
  }
  return lines.filter((line) => line !== '').join('\n');
}

function uncut(line: string, whole: boolean): string {
  if (!line.includes('...')) return line;
  const words = whole ? line.replace(CUT_TEXT, '<cut>') : line;
  return words.replace(CUT_WORD, (word) => (/^\d+\.{3}\d+$/.test(word) || !/\d/.test(word) ? word : '<cut>'));
}

const SAYS_ERROR = /error\b|exception\b|\bfatal\b|\bpanic|\babort/i;
const END_LINES = 20;

/**
 * What a service's log says at its end: from its last words of an error on, else its last lines, normalised. What it logged before
 * is left out, for how much that is differs from run to run.
 */
export function lastWords(log: string): string {
  const whole = log.split('\n').slice(-MAX_LINES);
  const essential = essence(whole.join('\n')).split('\n').slice(-END_LINES);
  // Errors that are logged with a time are no less errors.
  const logged = whole.map((line) => normalise(line.slice(0, MAX_LINE))).filter((line) => line !== '');
  for (const lines of [essential, logged.slice(-END_LINES)]) {
    const first = lines.findIndex((line) => SAYS_ERROR.test(line));
    if (first >= 0) return lines.slice(first).join('\n');
  }
  return essential.join('\n') || logged.slice(-END_LINES).join('\n');
}

const COMPLAINS = /error|fail|expected|actual|assert|panic|exception|mismatch|not equal|wrong|fatal|abort/i;
const PASSED = /\b\d+ (tests?|checks?|cases?|passed|passing|ok|successes)\b/gi;
const COMPLAINT_LINES = 6;

/**
 * What output that nobody can read complains of: each line that does with those below it, whatever their order, without how many
 * tests passed; its last lines when none does.
 */
export function complaints(lines: readonly string[]): string {
  const found: string[] = [];
  let open = 0;
  for (const line of lines) {
    open = COMPLAINS.test(line.slice(0, MAX_LINE)) ? COMPLAINT_LINES : open - 1;
    if (open > 0) found.push(line.replace(PASSED, '$1'));
  }
  const said = essence(found.slice(-MAX_LINES).join('\n'));
  return said === ''
    ? essence(lines.slice(-END_LINES).join('\n'))
    : [...new Set(said.split('\n'))].toSorted().join('\n');
}

/** The canonical text of a set of failures; its hash is the fingerprint. Order does not matter, nor do repetitions. */
export function signature(failures: readonly { readonly id: string; readonly message: string }[]): string {
  const lines = failures.map(({ id, message }) => `${normalise(id)}\t${essence(message)}`);
  return [...new Set(lines)].toSorted().join('\n');
}

// How CI systems and process managers mark each line that they pass on; the group names the process.
const TAGS: readonly RegExp[] = [
  // GitHub, Jenkins and others: the time, in downloads after the names of job and step
  /^(?:[^\t]{1,200}\t[^\t]{1,200}\t)?\[?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z\]?(?: |$)/,
  // compose, overmind, foreman
  /^(?:\d\d:\d\d:\d\d )?([\w.@/-]{1,60}) {0,30}\|(?: |$)/,
  // concurrently
  /^\[([\w@./:-]{1,60})\](?: |$)/,
  // pnpm
  /^([\w@./-]{1,100} [\w:-]{1,40})[:$](?: |$)/,
  // turbo, lerna
  /^([\w./-]{0,60}[@/:-][\w@./:-]{1,100}):(?: |$)/,
];
// These begin lines of test runners and logs.
const WORDS =
  /^(info|error|warning|warn|debug|trace|pass|passed|fail|failed|ok|not ok|skip|skipped|xfail|xpass|x|test)$/i;
const ENOUGH_LINES = 5;
const MOST = 0.8;

/**
 * The lines as the programs wrote them, where a CI system or a process manager put a mark before each: the marks are gone and what
 * one process said stands together, in the order in which they began. Other lines are given as they are.
 */
export function separated(lines: readonly string[]): readonly string[] {
  return TAGS.reduce(withoutTag, lines);
}

function withoutTag(lines: readonly string[], tag: RegExp): readonly string[] {
  const groups = new Map<string, string[]>();
  let [marked, full] = [0, 0];
  for (const line of lines) {
    if (line !== '') full += 1;
    const [mark, name = ''] = tag.exec(line) ?? [];
    const known = mark !== undefined && !WORDS.test(name);
    if (known) marked += 1;
    const group = groups.get(known ? name : '\n') ?? [];
    if (group.push(known ? line.slice(mark.length) : line) === 1) groups.set(known ? name : '\n', group);
  }
  const processes = groups.size - (groups.has('\n') ? 1 : 0);
  const short = marked > 1 && marked === lines.filter((line) => line !== '').length && processes < 2;
  if (!short && (marked < ENOUGH_LINES || marked < MOST * full || processes * ENOUGH_LINES > marked)) return lines;
  return [...groups.values()].flat();
}

/** The end of a text: what a person looks at first. Cut at `max` characters, and says so. */
export function tail(text: string, max: number): string {
  return text.length <= max ? text : `… (${text.length - max} characters cut)\n${text.slice(text.length - max)}`;
}

/** The start of a text, cut at `max` characters, and says so. */
export function head(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}\n… (${text.length - max} characters cut)`;
}

/** A code fence longer than any run of backticks inside, so that the text cannot close it. */
export function fence(text: string, language = ''): string {
  const ticks = '`'.repeat(Math.max(2, longestTicks(text)) + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

/** Length of the longest run of backticks in a text; 0 without any. */
export function longestTicks(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}

/** A text on one line, at most `max` characters. */
export function oneLine(text: string, max = 200): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

/** The start of any text on one line, at most `max` characters, without halves of characters. */
export function cutLine(text: string, max: number): string {
  return oneLine(text.slice(0, 2 * max), max).toWellFormed();
}

/** The start of any text, cut at `max` characters, and says so; without halves of characters. */
export function cutHead(text: string, max: number): string {
  return head(text, max).toWellFormed();
}

/** Money in USD, to the cent; below a cent, to a hundredth of one. */
export function dollars(usd: number): string {
  return `$${usd > 0 && usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2)}`;
}

/** A text as one word of a POSIX shell's command line. */
export function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

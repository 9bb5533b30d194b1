import { fence, longestTicks, oneLine, tail } from './text.ts';

// Zero-width characters, tags and supplementary variation selectors: letters that nobody sees. Joiners stay, scripts and emoji need them.
const UNSEEN = /[\u{E0100}-\u{E01EF}\u{E0000}-\u{E007F}\u200B\u2060-\u2064\uFEFF]/gu;

/** A text of unknown origin without terminal codes, control, direction and invisible characters, and with every HTML comment's opening broken. */
export function inert(text: string): string {
  return text
    .replace(/\p{Cc}\[[\d;]*m/gu, '')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => (character === '\n' || character === '\t' ? character : ''))
    .replace(UNSEEN, '')
    .replaceAll('<!--', '<\u200B!--')
    .toWellFormed();
}

/** A text of unknown origin as inline code of at most about `max` characters: it pings, links and formats nothing. */
export function code(text: string, max = 200): string {
  const line = oneLine(inert(text.slice(0, 2 * max)), max).toWellFormed();
  if (line === '') return '–';
  const longest = longestTicks(line);
  const ticks = '`'.repeat(longest + 1);
  return longest === 0 ? `${ticks}${line}${ticks}` : `${ticks} ${line} ${ticks}`;
}

/** The same for a table's cell, which a vertical bar would split. */
export function cell(text: string, max = 80): string {
  return code(text.replaceAll('|', '¦'), max);
}

/** The end of a text of unknown origin, at most about `max` characters, in a fence that it cannot close. */
export function block(text: string, max: number): string {
  return fence(tail(inert(text), max).toWellFormed());
}

/** A list that stops before it has more than `max` characters, and says how many items are left out. */
export function listed(items: readonly string[], max: number): string {
  const kept: string[] = [];
  let length = 0;
  for (const item of items) {
    length += item.length + 1;
    if (length > max) break;
    kept.push(item);
  }
  const left = items.length - kept.length;
  return [...kept, ...(left === 0 ? [] : [`- … ${left} more`])].join('\n');
}

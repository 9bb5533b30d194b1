import { stripVTControlCharacters } from 'node:util';

/** A text of unknown origin without what a terminal would obey; lines and tabs stay. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{Cc}/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : ''));
}

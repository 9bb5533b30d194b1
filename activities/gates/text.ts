import { stripVTControlCharacters } from 'node:util';

const CUT = '…\n';

/** Makes paths below these folders relative to them, also in `file:` URLs: the same failure reads the same in every worktree. */
export function withoutFolders(folders: readonly string[]): (text: string) => string {
  const prefixes = folders
    .toSorted((a, b) => b.length - a.length)
    .flatMap((folder) => [`file://${folder}/`, `${folder}/`]);
  return (text) => prefixes.reduce((rest, prefix) => rest.replaceAll(prefix, ''), text);
}

/** The end of a text, plain and never longer than `max` characters; says so when it was cut. */
export function lastPart(text: string, max: number): string {
  const plain = stripVTControlCharacters(text);
  if (plain.length <= max) return plain;
  return max <= CUT.length ? '' : `${CUT}${plain.slice(CUT.length - max)}`;
}

/** The start of a text, plain and never longer than `max` characters; says so when it was cut. */
export function firstPart(text: string, max: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= max ? plain : `${plain.slice(0, max - 1)}…`;
}

import { distance } from 'fastest-levenshtein';
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';

/** YAML with the means to say where a value stands. Lines count from 1 of the whole file. */
export interface YamlText {
  readonly value: unknown;
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

const LISTED = 12;

/** A sentence for each thing that is wrong. */
export type Problems = readonly string[];

/** Parses YAML; gives problems instead when it is broken or has a key twice. `firstLine` is the line the text starts on. */
export function readYaml(text: string, firstLine = 1): YamlText | Problems {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true });
  const lineAt = (offset: number): number => counter.linePos(offset).line + firstLine - 1;
  if (document.errors.length > 0)
    return document.errors.map(
      (error) =>
        `line ${lineAt(error.pos[0])}: ${(error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')}`,
    );
  return {
    value: document.toJS(),
    lineOf: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? undefined : lineAt(offset);
    },
  };
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1));
    if (isScalar(pair?.key)) return pair.key.range?.[0];
  }
  const node = document.getIn(path, true);
  if (isNode(node)) return node.range?.[0];
  return path.length === 0 ? 0 : offsetOf(document, path.slice(0, -1));
}

/** The keys of a file. */
export interface Known {
  /** Those that a typo in the section at `path` may have meant. */
  keysFor(path: readonly PropertyKey[]): readonly string[];
  /** The sections that a key may stand in, the uppermost first: `[]` is the top, `*` any name. */
  placesOf?(key: string): readonly (readonly string[])[];
}

/** Zod's issues as sentences with their lines; an unknown key or value names the nearest known one, or all where they are few, and a misplaced key its place. */
export function explain(error: z.ZodError, yaml: YamlText, known: Known): Problems {
  return error.issues.flatMap(meant).flatMap((issue) => {
    const { path } = issue;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(
        (key) =>
          `${where(yaml, [...path, key])}unknown key "${key}"${misplaced(path, key, known) || hint(key, known.keysFor(path)) || `${within(path)}${listed(known.keysFor(path))}`}`,
      );
    const subject = `${where(yaml, path)}${path.length === 0 ? '' : `"${path.join('.')}" `}`;
    const allowed = allowedBy(issue).map(String);
    return [`${subject}${allowed.length === 0 ? wording(issue.message) : choice(valueAt(yaml.value, path), allowed)}`];
  });
}

const NAMED_PLACES = 3;

/** Where a key belongs that is known, but not there. */
function misplaced(path: readonly PropertyKey[], key: string, { keysFor, placesOf }: Known): string {
  if (!keysFor(path).includes(key)) return '';
  const places = placesOf?.(key) ?? [];
  const here = path.filter((part) => typeof part !== 'number');
  const isHere = (at: readonly string[]): boolean =>
    at.length === here.length && at.every((part, index) => part === '*' || part === here[index]);
  if (places.some(isHere)) return `${within(path)}: it does not go with what else is there`;
  const named = places.slice(0, NAMED_PLACES).map((at) => at.map((part) => (part === '*' ? '<name>' : part)).join('.'));
  const told = named.map((name) => (name === '' ? 'at the top of the file' : `in "${name}"`));
  return told.length === 0 ? within(path) : `${within(path)}: it belongs ${told.join(' or ')}`;
}

/** What is wrong with a value that has to be one of the allowed. */
export function choice(given: unknown, allowed: readonly string[]): string {
  if (typeof given === 'string') return `cannot be "${given}"${listed(allowed)}${hint(given, allowed)}`;
  return `${given === undefined ? 'is missing' : 'has the wrong form'}${listed(allowed)}`;
}

/** Of a value that may have one of several forms, the problems with the form that it has. */
function meant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const misfit = (code: string, { path, ...inner }: z.core.$ZodIssue): boolean =>
    path.length === 0 && inner.code === code;
  const typed = issue.errors.filter((list) => !list.some((inner) => misfit('invalid_type', inner)));
  const valued = typed.filter((list) => !list.some((inner) => misfit('invalid_value', inner)));
  const [form] = valued.length > 0 ? valued : typed;
  // Where no form fits at all, the union's own words are better than those of one of its forms.
  const worded = issue.message !== 'Invalid input' && valued.length === 0;
  if (form === undefined || worded) return [issue];
  return form.flatMap((inner) => meant({ ...inner, path: [...issue.path, ...inner.path] }));
}

function allowedBy(issue: z.core.$ZodIssue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
}

const within = (path: readonly PropertyKey[]): string => (path.length === 0 ? '' : ` in "${path.join('.')}"`);

function listed(known: readonly string[]): string {
  return known.length > 0 && known.length <= LISTED ? ` (allowed: ${known.join(', ')})` : '';
}

function where(yaml: YamlText, path: readonly PropertyKey[]): string {
  const line = yaml.lineOf(path);
  return line === undefined ? '' : `line ${line}: `;
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a section of keys',
  record: 'a section of names with values',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  null: 'nothing',
};

function wording(message: string): string {
  const [, expected = '', received = ''] = /^Invalid input: expected (.*), received (.*)$/.exec(message) ?? [];
  const kind = (name: string): string => KINDS[name] ?? name;
  if (received === 'undefined') return `is missing (expected ${kind(expected)})`;
  if (received !== '') return `has to be ${kind(expected)}, not ${kind(received)}`;
  return message.replace(/^Invalid input$/, 'has the wrong form');
}

/** `: did you mean "x"?` for the nearest known word at a distance that a typo explains. */
export function hint(word: string, known: readonly string[]): string {
  const [nearest] = known.map((name) => ({ name, far: distance(word, name) })).sort((a, b) => a.far - b.far);
  return nearest === undefined || nearest.far > Math.max(2, word.length / 3) ? '' : `: did you mean "${nearest.name}"?`;
}

import { distance } from 'fastest-levenshtein';
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';

/** YAML with the means to say where a value stands. Lines count from 1 of the whole file. */
export interface YamlText {
  readonly value: unknown;
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

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

/** Zod's issues as sentences with their lines; an unknown key names the nearest known one. */
export function explain(error: z.ZodError, yaml: YamlText, known: readonly string[]): Problems {
  return error.issues.flatMap(specific).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys')
      return [
        `${where(yaml, issue.path)}${issue.path.length === 0 ? '' : `"${issue.path.join('.')}" `}${wording(issue.message)}`,
      ];
    return issue.keys.map((key) => `${where(yaml, [...issue.path, key])}unknown key "${key}"${hint(key, known)}`);
  });
}

// Of the forms that a value may have, the one that got furthest is the one that was meant.
function specific(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map(({ path }) => path.length));
  const [nearest] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
  if (nearest === undefined || depth(nearest) === 0) return [issue];
  return nearest.flatMap((inner) => specific({ ...inner, path: [...issue.path, ...inner.path] }));
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

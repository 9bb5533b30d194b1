import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { workIdProblem } from '../domain/ids.ts';
import { FRONT_MATTER_KEYS, frontMatter } from '../domain/spec.schema.ts';
import type { Spec } from '../domain/spec.ts';
import { explain, readYaml } from './problems.ts';
import { headingOf, listUnder } from './markdown.ts';

const MAX_BYTES = 256 * 1024;

/** The text is no spec that could be built. `problems` has a sentence for each reason. Final. */
export class SpecInvalid extends Error {
  override readonly name = 'SpecInvalid';
  readonly problems: readonly string[];
  constructor(name: string, problems: readonly string[]) {
    super(problems.map((problem) => `${name}: ${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** Bytes as text, refused when they are none or too many. */
export function decodeSpec(bytes: Uint8Array, name: string): string {
  if (bytes.byteLength > MAX_BYTES)
    throw new SpecInvalid(name, [
      `the spec has ${(bytes.byteLength / 1024 / 1024).toFixed(1)} MB, at most ${MAX_BYTES / 1024} kB are taken: keep the spec and link the rest`,
    ]);
  if (bytes.includes(0)) throw new SpecInvalid(name, ['the spec is a binary file: give it as Markdown text']);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SpecInvalid(name, ['the spec is not UTF-8 text: save it as UTF-8']);
  }
}

/** Reads Markdown with optional front matter. The work id is given, or in the front matter, or made from the content. Throws SpecInvalid with every problem. */
export function parseSpec(input: { text: string; name: string; workId?: string }): Spec {
  const { name } = input;
  const text = input.text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  if (Buffer.byteLength(text) > MAX_BYTES) decodeSpec(Buffer.from(text), name);
  if (text.includes('\0')) throw new SpecInvalid(name, ['the spec is a binary file: give it as Markdown text']);
  if (text.trim() === '') throw new SpecInvalid(name, ['the spec is empty: say what to build']);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const { body, fields } = split(text, name);
  if (body.trim() === '') throw new SpecInvalid(name, ['the spec has front matter but no text: say what to build']);
  const workId = input.workId ?? fields.work_id ?? `SPEC-${sha256.slice(0, 6)}`;
  const problem = workIdProblem(workId);
  if (problem !== undefined) throw new SpecInvalid(name, [problem]);
  const criteria = fields.acceptance ?? listUnder(body, /^(acceptance( criteria)?|done when)$/i);
  return {
    workId,
    title: fields.title ?? headingOf(body),
    body,
    sha256,
    criteria: criteria.map((criterion, index) => ({ id: `AC-${index + 1}`, text: criterion })),
    constraints: fields.constraints ?? listUnder(body, /^constraints$/i),
    repositories: fields.repositories ?? fields.repos ?? [],
    labels: fields.labels ?? [],
  };
}

function split(text: string, name: string): { body: string; fields: z.infer<typeof frontMatter> } {
  const match = /^---[ \t]*\n([\s\S]*?)\n?---[ \t]*(?:\n|$)/.exec(text);
  if (match === null) {
    if (/^---[ \t]*\n/.test(text))
      throw new SpecInvalid(name, ['line 1: the front matter is not closed: end it with a line "---"']);
    return { body: text, fields: {} };
  }
  const yaml = readYaml(match[1] ?? '', 2);
  if (!('value' in yaml))
    throw new SpecInvalid(
      name,
      yaml.map((problem) => `front matter, ${problem}`),
    );
  const result = frontMatter.safeParse(yaml.value ?? {});
  if (!result.success) throw new SpecInvalid(name, explain(result.error, yaml, { keysFor: () => FRONT_MATTER_KEYS }));
  return { body: text.slice(match[0].length), fields: result.data };
}

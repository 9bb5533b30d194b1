import { createHash } from 'node:crypto';
import { PERSONA_KEYS, personaFrontMatter } from '../domain/persona.schema.ts';
import type { PersonaFrontMatter } from '../domain/persona.schema.ts';
import { EDIT_TOOLS } from '../domain/persona.ts';
import type { Persona } from '../domain/persona.ts';
import { explain, readYaml } from './problems.ts';
import type { YamlText } from './problems.ts';

const MAX_BYTES = 32 * 1024;
const RESERVED_SERVER = 'run';

/** The text is no persona. `problems` has a sentence for each reason, with its line. Final. */
export class PersonaInvalid extends Error {
  override readonly name = 'PersonaInvalid';
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly string[]) {
    super(problems.map((problem) => `${file}: ${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** Reads a persona: front matter and body. `name` is its file's name without `.md`. Throws PersonaInvalid with every problem. */
export function parsePersona({ text, name, file }: { text: string; name: string; file: string }): Persona {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new PersonaInvalid(file, [`the file has more than ${MAX_BYTES / 1024} kB: keep what the persona needs`]);
  if (text.includes('\0')) throw new PersonaInvalid(file, ['the file is binary: give it as Markdown text']);
  const split = frontMatterOf(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  if (typeof split === 'string') throw new PersonaInvalid(file, [split]);
  const yaml = readYaml(split.yaml, 2);
  if (!('value' in yaml)) throw new PersonaInvalid(file, yaml);
  const result = personaFrontMatter.safeParse(yaml.value ?? {});
  if (!result.success) throw new PersonaInvalid(file, explain(result.error, yaml, { keysFor: () => PERSONA_KEYS }));
  const problems = contradictions(result.data, { yaml, name });
  if (problems.length > 0) throw new PersonaInvalid(file, problems);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return {
    ...{ name, description: result.data.description.trim(), sha256 },
    instructions: instructionsOf(result.data, split.body.trim()),
    ...settingsOf(result.data),
  };
}

function frontMatterOf(text: string): { yaml: string; body: string } | string {
  const lines = text.split('\n');
  if (lines[0]?.trimEnd() !== '---')
    return 'line 1: the file has to begin with front matter: a line "---", keys such as "name" and "description", a line "---"';
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  if (end < 0) return 'line 1: the front matter is not closed: end it with a line "---"';
  return { yaml: lines.slice(1, end).join('\n'), body: lines.slice(end + 1).join('\n') };
}

function contradictions(
  given: PersonaFrontMatter,
  { yaml, name }: { readonly yaml: YamlText; readonly name: string },
): readonly string[] {
  const { sdk_config: sdk = {} } = given;
  const problems: string[] = [];
  const say = (path: readonly string[], problem: string): void => {
    problems.push(`line ${yaml.lineOf(path) ?? 1}: "${path.join('.')}" ${problem}`);
  };
  if (given.name !== name) say(['name'], `is "${given.name}", but the file is called ${name}.md: make them the same`);
  if (given.model !== undefined && sdk.model !== undefined && given.model !== sdk.model)
    say(['sdk_config', 'model'], `is "${sdk.model}", but "model" is "${given.model}": give one of them`);
  if (given.tools !== undefined && sdk.tools !== undefined) say(['sdk_config', 'tools'], 'is given beside "tools"');
  for (const [path, tools] of [
    [['tools'], given.tools],
    [['sdk_config', 'tools'], sdk.tools],
    [['sdk_config', 'allowed_tools'], sdk.allowed_tools],
  ] as const) {
    const edits = isNoCode(given) ? (tools ?? []).filter((tool) => EDIT_TOOLS.includes(toolOf(tool))) : [];
    if (edits.length > 0) say(path, `names ${edits.join(', ')}, which the constraint "no code" forbids`);
  }
  if (Object.hasOwn(sdk.mcp_servers ?? {}, RESERVED_SERVER))
    say(['sdk_config', 'mcp_servers', RESERVED_SERVER], 'has a name that is taken: every session has a server "run"');
  return problems;
}

/** The tool of a rule such as `Bash(git log:*)`. */
const toolOf = (rule: string): string => rule.split('(')[0] ?? rule;

function isNoCode({ constraints = [] }: PersonaFrontMatter): boolean {
  return constraints.some((constraint) => /^no[ -]code\b/i.test(constraint.trim()));
}

function settingsOf(given: PersonaFrontMatter): Omit<Persona, 'name' | 'description' | 'sha256' | 'instructions'> {
  const { sdk_config: sdk = {} } = given;
  const model = given.model ?? sdk.model;
  const tools = given.tools ?? sdk.tools;
  return {
    // As Claude Code has it, "inherit" is the model that there is.
    ...(model === undefined || model === 'inherit' ? {} : { model }),
    ...(sdk.max_turns === undefined ? {} : { maxTurns: sdk.max_turns }),
    ...(tools === undefined ? {} : { tools }),
    ...(sdk.allowed_tools === undefined ? {} : { allowedTools: sdk.allowed_tools }),
    ...(sdk.permission_mode === undefined ? {} : { permissionMode: sdk.permission_mode }),
    ...thinkingOf(sdk.thinking),
    ...(sdk.mcp_servers === undefined ? {} : { mcpServers: sdk.mcp_servers }),
    noCode: isNoCode(given),
  };
}

function thinkingOf(
  thinking: NonNullable<PersonaFrontMatter['sdk_config']>['thinking'],
): Pick<Persona, 'effort' | 'thinkingTokens'> {
  if (thinking === undefined) return {};
  return 'effort' in thinking ? { effort: thinking.effort } : { thinkingTokens: thinking.tokens };
}

function instructionsOf(given: PersonaFrontMatter, body: string): string {
  const { memory_directives: memory = {} } = given;
  const list = (title: string, items: readonly string[] | undefined): readonly string[] =>
    items === undefined ? [] : [`## ${title}\n${items.map((item) => `- ${item.trim()}`).join('\n')}`];
  return [
    `# Your role: ${given.name}\n${given.description.trim()}`,
    ...(body === '' ? [] : [body]),
    ...list('Responsibilities', given.responsibilities),
    ...list('Approach', given.approach),
    ...list('Form of what you write', given.output_format),
    ...list('Constraints', given.constraints),
    ...list('What to remember', memory.write_policy === undefined ? undefined : [memory.write_policy]),
    ...list('Sources, the most important first', memory.priority_sources),
  ].join('\n\n');
}

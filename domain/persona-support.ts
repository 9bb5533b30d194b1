import type { AgentName } from './agent-options.ts';
import { EFFORTS } from './persona.ts';
import type { Persona } from './persona.ts';

/** What a persona can set beside its instructions, by the words of its file. */
const SETTINGS = {
  model: ({ model }: Persona) => model !== undefined,
  'sdk_config.max_turns': ({ maxTurns }: Persona) => maxTurns !== undefined,
  tools: ({ tools }: Persona) => tools !== undefined,
  'sdk_config.allowed_tools': ({ allowedTools }: Persona) => allowedTools !== undefined,
  'sdk_config.permission_mode': ({ permissionMode }: Persona) => permissionMode !== undefined,
  'sdk_config.thinking': ({ effort, thinkingTokens }: Persona) => (effort ?? thinkingTokens) !== undefined,
  'sdk_config.mcp_servers': ({ mcpServers }: Persona) => mcpServers !== undefined,
  'the constraint "no code"': ({ noCode }: Persona) => noCode,
} as const;

type Setting = keyof typeof SETTINGS;

const SIZE: readonly Setting[] = ['model', 'sdk_config.max_turns'];
const THINKING = 'sdk_config.thinking';
const SERVERS = 'sdk_config.mcp_servers';
const NO_CODE = 'the constraint "no code"';

/** What each agent honours. Instructions reach every one. */
export const HONOURED: Readonly<Record<AgentName, readonly Setting[]>> = {
  acp: SIZE,
  anthropic: [...SIZE, THINKING, 'tools', NO_CODE],
  claude: [
    ...SIZE,
    ...([THINKING, 'tools', 'sdk_config.allowed_tools', 'sdk_config.permission_mode', SERVERS, NO_CODE] as const),
  ],
  codex: [...SIZE, THINKING, SERVERS, NO_CODE],
  command: SIZE,
  opencode: [...SIZE, SERVERS, NO_CODE],
  scripted: [],
};

/** Tools of agents that have a set of their own. */
const TOOLS: Readonly<Partial<Record<string, readonly string[]>>> = {
  anthropic: ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'],
};

/** Models that take a number of tokens to think with; older ones take no level, newer ones nothing but a level. */
const BY_TOKENS = /claude-(?:opus|sonnet|haiku)-4-[56]/;
const NO_LEVEL = /claude-(?:sonnet|haiku)-4-5/;

export interface Cast {
  readonly persona: Persona;
  readonly agent: { readonly name: string; readonly model?: string };
  /** The project's limit of turns in a session. */
  readonly maxTurns: number;
}

/** Why the agent cannot play the persona as its file asks: a sentence each. */
export function personaProblems({ persona, agent, maxTurns }: Cast): readonly string[] {
  const all: Readonly<Record<string, readonly string[]>> = HONOURED;
  const honoured = Object.hasOwn(all, agent.name) ? (all[agent.name] ?? []) : [];
  const { name } = persona;
  const unable = Object.entries(SETTINGS)
    .filter(([setting, isSet]) => isSet(persona) && !honoured.includes(setting))
    .map(([setting]) => `the agent ${agent.name} cannot honour ${setting} of the persona ${name}`);
  if (unable.length > 0) return unable;
  const known = TOOLS[agent.name];
  const missing = (persona.tools ?? []).filter((tool) => known !== undefined && !known.includes(tool));
  return [
    ...missing.map((tool) => `the agent ${agent.name} has no tool ${tool}, which the persona ${name} names`),
    ...thinkingProblems(persona, agent),
    ...(persona.maxTurns !== undefined && persona.maxTurns > maxTurns
      ? [`the persona ${name} asks for ${persona.maxTurns} turns, but "limits.agent_turns" is ${maxTurns}`]
      : []),
  ];
}

function thinkingProblems(
  { name, effort, thinkingTokens, ...persona }: Persona,
  agent: Cast['agent'],
): readonly string[] {
  const model = persona.model ?? agent.model;
  const refused = (why: string): readonly string[] => [
    `the agent ${agent.name} cannot honour ${THINKING} of the persona ${name}: ${why}`,
  ];
  if (agent.name === 'codex') {
    if (thinkingTokens !== undefined) return refused('it takes a level, such as "high", and no tokens');
    return effort === 'max' ? refused(`its levels are ${EFFORTS.slice(0, -1).join(', ')}`) : [];
  }
  if (thinkingTokens !== undefined && thinkingTokens > 0 && !BY_TOKENS.test(model ?? ''))
    return refused(`${model ?? 'its model'} takes a level, such as "high", and no tokens`);
  if (effort !== undefined && NO_LEVEL.test(model ?? '')) return refused(`${model} takes tokens and no level`);
  return [];
}

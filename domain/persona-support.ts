import type { AgentName } from './agent-options.ts';
import type { Persona } from './persona.ts';

/** What a persona can set beside its instructions, its model and its turns, by the words of its file. */
const SETTINGS = {
  tools: ({ tools }: Persona) => tools !== undefined,
  'sdk_config.allowed_tools': ({ allowedTools }: Persona) => allowedTools !== undefined,
  'sdk_config.permission_mode': ({ permissionMode }: Persona) => permissionMode !== undefined,
  'sdk_config.thinking': ({ thinkingTokens }: Persona) => thinkingTokens !== undefined,
  'sdk_config.mcp_servers': ({ mcpServers }: Persona) => mcpServers !== undefined,
  'the constraint "no code"': ({ noCode }: Persona) => noCode,
  model: ({ model }: Persona) => model !== undefined,
  'sdk_config.max_turns': ({ maxTurns }: Persona) => maxTurns !== undefined,
} as const;

type Setting = keyof typeof SETTINGS;

/** What each agent honours. Instructions reach every one. */
export const HONOURED: Readonly<Record<AgentName, readonly Setting[]>> = {
  acp: ['model', 'sdk_config.max_turns'],
  anthropic: ['model', 'sdk_config.max_turns', 'sdk_config.thinking', 'tools', 'the constraint "no code"'],
  claude: [
    ...(['model', 'sdk_config.max_turns', 'sdk_config.thinking', 'tools', 'the constraint "no code"'] as const),
    ...(['sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.mcp_servers'] as const),
  ],
  codex: ['model', 'sdk_config.max_turns', 'sdk_config.mcp_servers', 'the constraint "no code"'],
  command: ['model', 'sdk_config.max_turns'],
  opencode: ['model', 'sdk_config.max_turns', 'sdk_config.mcp_servers', 'the constraint "no code"'],
  scripted: [],
};

/** Tools of agents that have their own set. */
const TOOLS: Readonly<Partial<Record<string, readonly string[]>>> = {
  anthropic: ['Bash', 'Edit', 'Glob', 'Grep', 'Read', 'Write'],
};

/** Why the agent cannot play the persona within the project's limit of turns: a sentence each. */
export function personaProblems(persona: Persona, agent: string, maxTurns: number): readonly string[] {
  const all: Readonly<Record<string, readonly string[]>> = HONOURED;
  const honoured = Object.hasOwn(all, agent) ? (all[agent] ?? []) : [];
  const { name, tools = [] } = persona;
  const unable = Object.entries(SETTINGS)
    .filter(([setting, isSet]) => isSet(persona) && !honoured.includes(setting))
    .map(([setting]) => `the agent ${agent} cannot honour ${setting} of the persona ${name}`);
  const known = TOOLS[agent];
  const missing =
    known === undefined || !honoured.includes('tools') ? [] : tools.filter((tool) => !known.includes(tool));
  return [
    ...unable,
    ...missing.map((tool) => `the agent ${agent} has no tool ${tool}, which the persona ${name} names`),
    ...(persona.maxTurns !== undefined && persona.maxTurns > maxTurns
      ? [`the persona ${name} asks for ${persona.maxTurns} turns, but "limits.agent_turns" is ${maxTurns}`]
      : []),
  ];
}

import { EDIT_TOOLS } from '../../../domain/persona.ts';
import type { AgentTask } from '../index.ts';
import { withoutEdits } from '../persona.ts';
import { SERVER, toolNames, toolServer } from '../tools/index.ts';

/** The CLI's arguments for what a session is told beside its prompt, which tools it has, and which of them it uses unasked. */
export function personaArguments(
  task: Pick<AgentTask, 'persona' | 'role' | 'jobDirectory' | 'inspect'>,
): readonly string[] {
  const { persona } = task;
  const { instructions, tools, permissionMode, mcpServers = {} } = persona ?? {};
  const unasked = persona?.allowedTools ?? ['Bash', ...Object.keys(mcpServers).map((name) => `mcp__${name}`)];
  return [
    ...(instructions === undefined ? [] : ['--append-system-prompt', instructions]),
    ...(tools === undefined ? [] : ['--tools', tools.join(',')]),
    ...(persona?.effort === undefined ? [] : ['--effort', persona.effort]),
    ...['--permission-mode', permissionMode ?? 'acceptEdits'],
    ...['--allowedTools', [...unasked, ...toolNames(task).map((name) => `mcp__${SERVER}__${name}`)].join(',')],
    ...(withoutEdits(task) ? ['--disallowedTools', EDIT_TOOLS.join(',')] : []),
  ];
}

/** Variables of the CLI that a persona sets. */
export function personaVariables({ persona }: Pick<AgentTask, 'persona'>): Readonly<Record<string, string>> {
  const tokens = persona?.thinkingTokens;
  if (tokens === undefined) return {};
  return tokens === 0
    ? { CLAUDE_CODE_DISABLE_THINKING: '1' }
    : { MAX_THINKING_TOKENS: String(tokens), CLAUDE_CODE_DISABLE_ADAPTIVE_THINKING: '1' };
}

/** The CLI's list of MCP servers: the persona's and our own. */
export function mcpConfig(task: Pick<AgentTask, 'persona' | 'jobDirectory' | 'inspect'>): object {
  return { mcpServers: { ...task.persona?.mcpServers, [SERVER]: toolServer(task) } };
}

import { EDIT_TOOLS } from '../../../domain/persona.ts';
import { andonServer } from '../andon/index.ts';
import { SERVER, TOOL } from '../andon/tool.ts';
import type { AgentTask } from '../index.ts';
import { withoutEdits } from '../persona.ts';

/** The CLI's arguments for what a session is told beside its prompt, which tools it has, and which of them it uses unasked. */
export function personaArguments(task: Pick<AgentTask, 'persona' | 'role'>): readonly string[] {
  const { persona } = task;
  const { instructions, tools, permissionMode, mcpServers = {} } = persona ?? {};
  const unasked = persona?.allowedTools ?? ['Bash', ...Object.keys(mcpServers).map((name) => `mcp__${name}`)];
  return [
    ...(instructions === undefined ? [] : ['--append-system-prompt', instructions]),
    ...(tools === undefined ? [] : ['--tools', tools.join(',')]),
    ...(persona?.effort === undefined ? [] : ['--effort', persona.effort]),
    ...['--permission-mode', permissionMode ?? 'acceptEdits'],
    ...['--allowedTools', [...unasked, `mcp__${SERVER}__${TOOL}`].join(',')],
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

/** The CLI's list of MCP servers: the persona's and the one with the andon cord. */
export function mcpConfig(task: Pick<AgentTask, 'persona' | 'jobDirectory'>): object {
  return { mcpServers: { ...task.persona?.mcpServers, [SERVER]: andonServer(task) } };
}

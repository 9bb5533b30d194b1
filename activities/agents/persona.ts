import type { AgentTask } from './index.ts';

/** The same order for an agent that hears its persona in the prompt: the persona's instructions come first. */
export function withSpokenPersona(task: AgentTask): AgentTask {
  const { persona, prompt } = task;
  return persona === undefined ? task : { ...task, prompt: `${persona.instructions}\n\n${prompt}` };
}

/** Whether the session gets no tools that edit files. */
export function withoutEdits({ persona, role }: Pick<AgentTask, 'persona' | 'role'>): boolean {
  return role === 'debugger' || persona?.noCode === true;
}

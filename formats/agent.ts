import { AGENT_OPTIONS, optionsOf } from '../domain/agent-options.ts';
import { choice } from './problems.ts';

/** Why the agent `name` cannot work with the options that are `given`: a sentence each; an unknown option is not looked for. */
export function agentProblems(name: string, given: readonly string[]): readonly string[] {
  const names = Object.keys(AGENT_OPTIONS);
  if (!names.includes(name)) return [`the agent ${choice(name, names)}`];
  return Object.entries(optionsOf(name))
    .filter(([option, { required }]) => required && !given.includes(option))
    .map(([option]) => `"agent.${option}" is missing: the agent "${name}" needs it`);
}

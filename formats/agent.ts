import { AGENT_OPTIONS, optionsOf } from '../domain/agent-options.ts';
import { choice } from './problems.ts';

/** Why the agent `name` cannot work with the options that are `given` at a place of the project file: a sentence each; an unknown option is not looked for. */
export function agentProblems(
  name: string,
  { place, given }: { readonly place: string; readonly given: readonly string[] },
): readonly string[] {
  const names = Object.keys(AGENT_OPTIONS);
  if (!names.includes(name)) return [`the agent ${choice(name, names)}`];
  return Object.entries(optionsOf(name))
    .filter(([option, { required }]) => required && !given.includes(option))
    .map(([option]) => `"${place}.${option}" is missing: the agent "${name}" needs it`);
}

import { z } from 'zod';
import { AGENT_OPTIONS, optionsOf } from './agent-options.ts';
import type { AgentOption } from './agent-options.ts';

function valueOf({ kind, about }: AgentOption) {
  if (kind === 'number') return z.number().nonnegative().describe(about).optional();
  if (kind === 'flag') return z.boolean().describe(about).optional();
  const text = typeof kind === 'string' ? z.string().min(1) : z.enum(kind);
  return text.describe(about).optional();
}

const NAMES = Object.keys(AGENT_OPTIONS);

function agentNamed(name: string) {
  const options = Object.entries(optionsOf(name)).map(([key, option]) => [key, valueOf(option)] as const);
  return z.strictObject({
    name: z.literal(name),
    model: z.string().min(1).optional(),
    ...Object.fromEntries(options),
  });
}

/** The agent as users name it: by its name alone, or with the options that it declares. */
export const agentChoice = z.union([
  z.enum(NAMES).transform((name) => ({ name })),
  z.discriminatedUnion('name', [agentNamed(NAMES[0] ?? ''), ...NAMES.slice(1).map(agentNamed)]),
]);

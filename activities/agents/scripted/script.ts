import { parse } from 'yaml';
import { z } from 'zod';
import { AGENT_ENDS, CORDS } from '../../../domain/agent.ts';
import type { Role } from '../../../domain/roles.ts';
import { AgentRejected } from '../errors.ts';
import { claim } from '../report.ts';
import { inspectCall } from '../tools/inspect.ts';

const file = z.string().min(1);
// A crash is a step of its own; our timers tell a stalled session, and only we cancel one.
const ends = z.enum(AGENT_ENDS).exclude(['stalled', 'crashed', 'cancelled']);

const step = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ write: z.strictObject({ file, content: z.string() }) }),
  z.strictObject({ replace: z.strictObject({ file, find: z.string().min(1), with: z.string() }) }),
  z.strictObject({ delete: file }),
  z.strictObject({ copy: z.strictObject({ from: file, to: file }) }),
  z.strictObject({ run: z.string().min(1) }),
  z.strictObject({ wait: z.number().nonnegative() }),
  z.strictObject({
    spend: z.strictObject({
      usd: z.number().nonnegative().default(0),
      tokens: z.number().int().nonnegative().default(0),
    }),
  }),
  z.strictObject({ andon: z.strictObject({ cord: z.enum(CORDS), reason: z.string() }) }),
  z.strictObject({ inspect: inspectCall }),
  z.strictObject({ hypothesis: claim }),
  z.strictObject({ crash: z.literal(true) }),
  z.strictObject({ hang: z.literal(true) }),
  z.strictObject({
    end: z.strictObject({ as: ends, why: z.string().default(''), in: z.number().positive().optional() }),
  }),
]);

const lists = z
  .array(z.strictObject({ when: z.strictObject({ prompt: z.string().min(1) }).optional(), steps: z.array(step) }))
  .min(1);

const script = z.strictObject({
  attempts: lists,
  diagnoses: lists.optional().describe('What the debugger does after each failed attempt; nothing when left out'),
});

export type ScriptStep = z.infer<typeof step>;
export type Script = z.infer<typeof script>;

/** Reads a script: YAML with one list of steps for each attempt. Throws AgentRejected naming the step. */
export function parseScript(text: string, name: string): Script {
  const value: unknown = parse(text);
  const result = script.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AgentRejected(
    `${name}: ${issue?.path.join('.') || 'the script'} is not a step or list that the scripted agent knows (${issue?.message ?? 'invalid'})`,
  );
}

/** The steps of a role for an attempt (from 1): the first list whose `when` stands in the prompt, else the attempt's own, the last one repeating. */
export function stepsFor(
  plan: Script,
  { role, attempt, prompt }: { readonly role: Role; readonly attempt: number; readonly prompt: string },
): readonly ScriptStep[] {
  const all = (role === 'debugger' ? plan.diagnoses : plan.attempts) ?? [];
  const chosen = all.find(({ when }) => when !== undefined && prompt.includes(when.prompt));
  const ordinary = all.filter(({ when }) => when === undefined);
  return (chosen ?? ordinary[Math.min(attempt, ordinary.length) - 1])?.steps ?? [];
}

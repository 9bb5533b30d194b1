import { z } from 'zod';
import { EFFORTS, PERSONA_TOOLS } from './persona.ts';

const text = z.string().min(1);
const list = z.array(text).min(1);
const words = z.union([text.transform((value) => [value]), list]);
const names = z.union([text.transform((value) => value.split(',').map((name) => name.trim())), list]);
const tools = names.superRefine((given, context) => {
  const unknown = given.filter((name) => !PERSONA_TOOLS.includes(name));
  for (const name of unknown)
    context.addIssue({
      code: 'custom',
      message: `names "${name}", which is none of the tools ${PERSONA_TOOLS.join(', ')}`,
    });
});
const tokens = z.number().int().min(1024, 'has to be at least 1024 tokens').max(1_000_000);

const program = z.strictObject({
  command: text,
  args: z.array(z.string()).default([]),
  env: z.record(text, z.string()).default({}),
});
const address = z.strictObject({
  type: z.enum(['http', 'sse']).default('http'),
  url: z.url(),
  headers: z.record(text, z.string()).default({}),
});
const server = z.union([program, address]);

const off = { tokens: 0 } as const;
const thinking = z.union([
  tokens.transform((given) => ({ tokens: given })),
  z.enum([...EFFORTS, 'disabled']).transform((word) => (word === 'disabled' ? off : { effort: word })),
  z.strictObject({ type: z.literal('disabled') }).transform(() => off),
  z
    .strictObject({ type: z.literal('enabled'), budget_tokens: tokens })
    .transform((given) => ({ tokens: given.budget_tokens })),
]);

const sdkConfig = z.strictObject({
  model: text.optional(),
  max_turns: z.number().int().min(1).max(10_000).optional(),
  tools: tools.optional(),
  allowed_tools: names.optional(),
  // Modes in which the session would pass its folder's border are left out.
  permission_mode: z.enum(['default', 'acceptEdits', 'plan', 'dontAsk']).optional(),
  thinking: thinking.optional(),
  mcp_servers: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'names have 1 to 40 letters, digits, "_" or "-"'), server)
    .optional(),
});

const memory = z.strictObject({ write_policy: text.optional(), priority_sources: words.optional() });

/** Front matter of a persona's file. */
export const personaFrontMatter = z.strictObject({
  name: text,
  description: text,
  model: text.optional(),
  tools: tools.optional(),
  responsibilities: words.optional(),
  approach: words.optional(),
  output_format: words.optional(),
  constraints: words.optional(),
  memory_directives: memory.optional(),
  sdk_config: sdkConfig.optional(),
});

export type PersonaFrontMatter = z.infer<typeof personaFrontMatter>;

/** Every key that may stand somewhere in the front matter, for hints at typos. */
export const PERSONA_KEYS: readonly string[] = [
  ...Object.keys(personaFrontMatter.shape),
  ...Object.keys(sdkConfig.shape),
  ...Object.keys(memory.shape),
];

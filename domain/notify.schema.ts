import { z } from 'zod';
import { DURATION, DURATION_HELP, secondsOf } from './duration.ts';
import { GATES } from './gate.ts';

/** One text or a list. */
export const commands = z
  .union([z.string().min(1), z.array(z.string().min(1))])
  .transform((value) => (typeof value === 'string' ? [value] : value));
/** Seconds from a text such as `90s` or `7d`. */
export const duration = z.string().regex(DURATION, `has to be ${DURATION_HELP}`).transform(secondsOf);
/** Key of a project or a repository. */
export const key = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'has to be 1 to 40 letters, digits, "_" or "-"');

/** A channel of `notify`. */
export const channel = z.union([
  z.enum(['log', 'slack', 'webhook', 'github', 'desktop']).transform((name) => ({ channel: name })),
  z.strictObject({
    channel: z.literal('github'),
    repository: key
      .optional()
      .describe('Where an issue is opened when there is none to comment on; default: the first'),
    token_env: z.string().min(1).optional().describe("Name of the variable with the token; default: the forge's"),
  }),
  z.strictObject({
    channel: z.literal('email'),
    host: z.string().min(1).describe('SMTP server'),
    port: z.number().int().min(1).max(65_535).default(587),
    tls: z.enum(['starttls', 'implicit', 'none']).optional().describe('Default: implicit on port 465, else starttls'),
    user: z.string().min(1).optional(),
    password_env: z
      .string()
      .min(1)
      .default('SPEC_TO_PR_SMTP_PASSWORD')
      .describe('Name of the variable with the password'),
    from: z.string().min(3),
    to: commands.describe('Address, or a list'),
  }),
]);

const rule = {
  remind_after: duration.optional().describe('A reminder to every channel each time that so much has passed'),
  decide: z
    .enum(['wait', 'accept_draft', 'abort'])
    .optional()
    .describe('What is decided when nobody answers; default: wait'),
  after: duration.optional().describe('How long a question waits for a person before that'),
};

/** How long questions wait, and what then. */
export const waiting = z.strictObject({
  ...rule,
  gates: z
    .partialRecord(z.enum(GATES), z.strictObject(rule))
    .optional()
    .describe('The same for questions about one gate: what is given here goes before'),
});

export type WaitingRule = z.infer<z.ZodObject<typeof rule>>;

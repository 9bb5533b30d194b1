import { z } from 'zod';
import { oneLine } from '../../domain/text.ts';
import type { Ending } from './conversation.ts';

/** The form of a session's report. */
export const reportForm = z.object({
  status: z.enum(['done', 'blocked', 'needs_human']),
  summary: z.string(),
  reason: z.string().optional(),
});

export type Report = z.infer<typeof reportForm>;

const schema = z.toJSONSchema(reportForm);

/** What a session is asked to report at its end, as JSON Schema. */
export const REPORT_SCHEMA = JSON.stringify({ ...schema, $schema: undefined });

/** The same for APIs that take a schema only with all its fields required; `reason` may be empty then. */
export const STRICT_REPORT_SCHEMA = JSON.stringify({
  ...schema,
  $schema: undefined,
  required: Object.keys(schema.properties ?? {}),
});

/** The ending that a session's own report gives it; anything but a report of the asked form is `no_report`. */
export function reportedEnding(value: unknown, text: string): Ending {
  const parsed = reportForm.safeParse(value);
  if (!parsed.success)
    return { end: 'no_report', why: 'the session ended without the report it was asked for', summary: text };
  const { status, summary, reason } = parsed.data;
  return { end: status, why: status === 'done' ? '' : oneLine(reason || summary, 400), summary };
}

/**
 * The ending by a report that is the agent's last message: a JSON object, alone or in a code fence, that ends the message.
 * JSON in the middle of a message is none, so a specification that quotes a report ends nothing.
 */
export function writtenEnding(message: string): Ending {
  const text = message.trim().replace(/\n?```$/, '');
  for (const start of [text.indexOf('{'), text.lastIndexOf('\n{') + 1, text.lastIndexOf('```json\n') + 8])
    if (text.endsWith('}')) {
      const ending = reportedEnding(parsed(text.slice(Math.max(0, start))), message);
      if (ending.end !== 'no_report') return ending;
    }
  return reportedEnding(undefined, message);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

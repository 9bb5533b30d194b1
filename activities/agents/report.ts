import { z } from 'zod';
import { oneLine } from '../../domain/text.ts';
import type { Ending } from './conversation.ts';

const report = z.object({
  status: z.enum(['done', 'blocked', 'needs_human']),
  summary: z.string(),
  reason: z.string().optional(),
});

/** What a session is asked to report at its end, as JSON Schema. */
export const REPORT_SCHEMA = JSON.stringify({ ...z.toJSONSchema(report), $schema: undefined });

/** The ending that a session's own report gives it; anything but a report of the asked form is `no_report`. */
export function reportedEnding(value: unknown, text: string): Ending {
  const parsed = report.safeParse(value);
  if (!parsed.success)
    return { end: 'no_report', why: 'the session ended without the report it was asked for', summary: text };
  const { status, summary, reason } = parsed.data;
  return { end: status, why: status === 'done' ? '' : oneLine(reason ?? summary, 400), summary };
}

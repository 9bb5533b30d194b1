import { z } from 'zod';
import { BLAMES } from '../../domain/diagnosis.ts';
import type { Role } from '../../domain/roles.ts';
import { oneLine } from '../../domain/text.ts';
import type { Ending } from './conversation.ts';

/** The form of a session's report. */
const report = z.object({
  status: z.enum(['done', 'blocked', 'needs_human']),
  summary: z.string(),
  reason: z.string().optional(),
});

/** A hypothesis as a debugger reports it. */
export const claim = z.object({
  claim: z.string().min(1).describe('What is wrong, and where'),
  kind: z.enum(BLAMES),
  evidence: z.array(
    z.object({
      source: z.string().describe('A file below your folder, or the command whose output you quote'),
      quote: z.string().describe('Word for word'),
    }),
  ),
  proposal: z.string().describe('What the next attempt should do'),
});

const hypotheses = z.array(claim);
/** The report of each role. */
export const REPORTS = { developer: report, debugger: report.extend({ hypotheses }) } satisfies Record<Role, z.ZodType>;
const anyReport = report.extend({ hypotheses: hypotheses.optional() });

/** What a session is asked to report at its end, as JSON Schema. */
export function reportSchema(role: Role): string {
  return JSON.stringify({ ...z.toJSONSchema(REPORTS[role]), $schema: undefined });
}

/** The same for APIs that take a schema only with all its fields required; `reason` may be empty then. */
export function strictReportSchema(role: Role): string {
  const schema = z.toJSONSchema(REPORTS[role]);
  return JSON.stringify({ ...schema, $schema: undefined, required: Object.keys(schema.properties ?? {}) });
}

/** The ending that a session's own report gives it; anything but a report of the asked form is `no_report`. */
export function reportedEnding(value: unknown, { text, role }: { readonly text: string; readonly role: Role }): Ending {
  const parsed = anyReport.safeParse(value);
  if (!parsed.success || !REPORTS[role].safeParse(value).success)
    return { end: 'no_report', why: 'the session ended without the report it was asked for', summary: text };
  const { status, summary, reason, hypotheses: claims } = parsed.data;
  return {
    end: status,
    why: status === 'done' ? '' : oneLine(reason || summary, 400),
    summary,
    ...(claims === undefined ? {} : { claims }),
  };
}

/**
 * The ending by a report that is the agent's last message: a JSON object, alone or in a code fence, that ends the message.
 * JSON in the middle of a message is none, so a specification that quotes a report ends nothing.
 */
export function writtenEnding(message: string, role: Role): Ending {
  const text = message.trim().replace(/\n?```$/, '');
  for (const start of [text.indexOf('{'), text.lastIndexOf('\n{') + 1, text.lastIndexOf('```json\n') + 8])
    if (text.endsWith('}')) {
      const ending = reportedEnding(parsed(text.slice(Math.max(0, start))), { text: message, role });
      if (ending.end !== 'no_report') return ending;
    }
  return reportedEnding(undefined, { text: message, role });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

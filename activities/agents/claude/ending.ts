import { z } from 'zod';
import type { AgentEnd } from '../../../domain/agent.ts';
import { oneLine } from '../../../domain/text.ts';
import type { JobEnd } from '../../process/supervise.ts';
import type { ClaudeResult } from './events.ts';

const report = z.object({
  status: z.enum(['done', 'blocked', 'needs_human']),
  summary: z.string(),
  reason: z.string().optional(),
});

/** What the session is asked to report at its end, as JSON Schema. */
export const REPORT_SCHEMA = JSON.stringify({ ...z.toJSONSchema(report), $schema: undefined });

export interface Ending {
  readonly end: AgentEnd | 'no_report';
  readonly why: string;
  readonly summary: string;
}

/** How a call of the CLI ended, by its result event and what we did to it: never by prose or the exit code alone. */
export function endingOf(job: JobEnd, result: ClaudeResult | undefined, stderr: string): Ending {
  const ended = (end: Ending['end'], why: string, summary = ''): Ending => ({ end, why: oneLine(why, 400), summary });
  if (job.how === 'timed_out') return ended('incomplete_handoff', 'the session reached its time limit');
  if (job.how === 'silent') return ended('stalled', 'the session gave no sign of life');
  if (result === undefined)
    return ended(
      'crashed',
      stderr.trim().split('\n').at(-1) || `the CLI ended without a result (exit ${job.code ?? 'none'})`,
    );
  if (result.subtype === 'error_max_turns') return ended('incomplete_handoff', 'the session reached its turn limit');
  if (result.subtype === 'error_max_budget_usd') return ended('budget_exhausted', 'the session spent its budget');
  if (result.subtype === 'error_max_structured_output_retries')
    return ended('contract_violation', 'the session could not give its report in the asked form');
  if (result.terminalReason === 'prompt_too_long')
    return ended('incomplete_handoff', 'the conversation outgrew the model');
  if (result.isError) return failedCall(result, ended);
  const parsed = report.safeParse(result.report);
  if (!parsed.success) return ended('no_report', 'the session ended without the report it was asked for', result.text);
  const { status, summary, reason } = parsed.data;
  return ended(status, status === 'done' ? '' : (reason ?? summary), summary);
}

function failedCall({ apiStatus, text }: ClaudeResult, ended: (end: Ending['end'], why: string) => Ending): Ending {
  if (apiStatus === 401 || apiStatus === 403 || /not logged in|invalid api key/i.test(text))
    return ended('needs_human', `the model provider refuses the credentials: ${text}`);
  if (apiStatus === 429) return ended('quota_parked', `the model provider's quota is used up: ${text}`);
  if (apiStatus === 400) return ended('crashed', `the model provider refuses the request: ${text}`);
  return ended('provider_down', `the model provider does not answer: ${text}`);
}

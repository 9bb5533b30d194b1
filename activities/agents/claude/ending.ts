import type { Role } from '../../../domain/roles.ts';
import { oneLine } from '../../../domain/text.ts';
import type { JobEnd } from '../../process/supervise.ts';
import { endedByTimer, endedWithoutResult } from '../conversation.ts';
import type { Ending } from '../conversation.ts';
import { reportedEnding } from '../report.ts';
import type { ClaudeResult } from './events.ts';

/** How a call of the CLI ended, by its result event and what we did to it: never by prose or the exit code alone. */
export function endingOf(
  job: JobEnd,
  { result, stderr, role }: { readonly result: ClaudeResult | undefined; readonly stderr: string; readonly role: Role },
): Ending {
  const timed = endedByTimer(job);
  if (timed !== undefined) return timed;
  if (result === undefined) return known(endedWithoutResult(job, stderr));
  if (result.subtype === 'error_max_turns') return ended('incomplete_handoff', 'the session reached its turn limit');
  if (result.subtype === 'error_max_budget_usd') return ended('budget_exhausted', 'the session spent its budget');
  if (result.subtype === 'error_max_structured_output_retries')
    return ended('contract_violation', 'the session could not give its report in the asked form');
  if (result.terminalReason === 'prompt_too_long')
    return ended('incomplete_handoff', 'the conversation outgrew the model');
  if (result.isError && result.stopReason === 'refusal')
    return ended('refused', `the model provider refuses the task: ${result.text}`);
  if (result.isError) return failedCall(result);
  return reportedEnding(result.report, { text: result.text, role });
}

function failedCall({ apiStatus, text }: ClaudeResult): Ending {
  if (apiStatus === 401 || apiStatus === 403 || /not logged in|invalid api key/i.test(text))
    return ended('needs_human', `the model provider refuses the credentials: ${text}`);
  if (apiStatus === 429) return ended('quota_parked', `the model provider's quota is used up: ${text}`);
  if (apiStatus === 400) return ended('crashed', `the model provider refuses the request: ${text}`);
  return known(ended('provider_down', `the model provider does not answer: ${text}`));
}

function known(ending: Ending): Ending {
  return /no conversation found/i.test(ending.why) ? { ...ending, end: 'no_session' } : ending;
}

function ended(end: Ending['end'], why: string): Ending {
  return { end, why: oneLine(why, 400), summary: '' };
}

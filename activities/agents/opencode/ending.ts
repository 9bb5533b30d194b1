import type { Role } from '../../../domain/roles.ts';
import { oneLine } from '../../../domain/text.ts';
import type { JobEnd } from '../../process/supervise.ts';
import { endedByTimer, endedWithoutResult } from '../conversation.ts';
import type { Ending } from '../conversation.ts';
import { reportedEnding } from '../report.ts';

/** What the events of one call told. */
export interface Told {
  /** What was given to the report tool, the last time. */
  readonly report: unknown;
  /** The agent's last text. */
  readonly message: string;
  /** The last failure of the session, or of a request that the CLI is about to send again. */
  readonly failure: Failure | undefined;
  /** The model has answered to the end, and called no tool. */
  readonly finished: boolean;
}

export interface Failure {
  /** The CLI's name for it; '' for a request that failed. */
  readonly name: string;
  readonly message: string;
  /** Of HTTP, where there was an answer. */
  readonly status: number | undefined;
  /** When the provider wants to be asked again, in milliseconds since the epoch. */
  readonly until: number | undefined;
}

/** How a call of the CLI ended, by its events and the statuses of its requests. `passed` is the limit for which we ended it. */
export function endingOf(
  job: JobEnd,
  { told, passed, stderr, role }: { told: Told; passed: 'turns' | 'usd' | undefined; stderr: string; role: Role },
): Ending {
  if (job.how === 'finished' && passed === 'turns')
    return ended('incomplete_handoff', 'the session reached its turn limit');
  if (job.how === 'finished' && passed === 'usd') return ended('budget_exhausted', 'the session spent its budget');
  const timed = endedByTimer(job);
  if (timed !== undefined) return timed;
  if (told.failure !== undefined) return failed(told.failure);
  if (told.finished) return reportedEnding(told.report, { text: told.message, role });
  const ending = endedWithoutResult(job, stderr);
  return /session not found/i.test(stderr) ? { ...ending, end: 'no_session' } : ending;
}

function failed({ name, message, status, until }: Failure): Ending {
  if (status === 401 || status === 403 || name === 'ProviderAuthError')
    return ended('needs_human', `the model provider refuses the credentials: ${message}`);
  if (status === 429) {
    const ending = ended('quota_parked', `the model provider's quota is used up: ${message}`);
    return until === undefined ? ending : { ...ending, until };
  }
  if (name === 'ContextOverflowError') return ended('incomplete_handoff', 'the conversation outgrew the model');
  if (name === 'MessageOutputLengthError') return ended('incomplete_handoff', "the answer outgrew the model's limit");
  if (name === 'ContentFilterError') return ended('refused', `the model provider refuses the task: ${message}`);
  if (status !== undefined && status < 500)
    return ended('crashed', `the model provider refuses the request: ${message}`);
  if (name === '' || name === 'APIError' || message.startsWith('JSON parsing failed'))
    return ended('provider_down', `the model provider does not answer: ${message}`);
  return ended('crashed', message);
}

function ended(end: Ending['end'], why: string): Ending {
  return { end, why: oneLine(why, 400), summary: '' };
}

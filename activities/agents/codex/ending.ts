import type { Role } from '../../../domain/roles.ts';
import { oneLine } from '../../../domain/text.ts';
import type { JobEnd } from '../../process/supervise.ts';
import { SPENT, endedByTimer, endedWithoutResult } from '../conversation.ts';
import type { Ending } from '../conversation.ts';
import { writtenEnding } from '../report.ts';
import type { Rollout } from './rollout.ts';

/** What the events of one call told. */
export interface Told {
  /** The last turn ended well, or failed, or neither. */
  readonly turn: 'completed' | 'failed' | 'open';
  /** The last message of the agent. */
  readonly message: string;
  /** The last error, in the CLI's words. */
  readonly error: string;
}

interface Seen {
  readonly told: Told;
  readonly rollout: Rollout;
  readonly stderr: string;
  readonly role: Role;
  /** The limit that the session has passed. */
  readonly passed: 'turns' | 'tokens' | undefined;
}

/** How a call of the CLI ended, by its last turn and the kind of error that its record names. */
export function endingOf(job: JobEnd, { told, rollout, stderr, role, passed }: Seen): Ending {
  if (passed === 'tokens' && told.turn !== 'completed') return SPENT;
  if (job.how === 'finished') return ended('incomplete_handoff', 'the session reached its turn limit');
  // The CLI waits in silence as long as a provider without quota asks it to.
  if (job.how === 'silent' && told.error.endsWith('last status: 429 Too Many Requests)')) return noQuota(told, rollout);
  const timed = endedByTimer(job);
  if (timed !== undefined) return timed;
  if (told.turn === 'completed') return writtenEnding(told.message, role);
  if (told.turn === 'failed') return failedTurn(told, rollout);
  const ending = endedWithoutResult(job, stderr);
  return /no rollout found/.test(stderr) ? { ...ending, end: 'no_session' } : ending;
}

function failedTurn(told: Told, rollout: Rollout): Ending {
  const { error, status } = rollout;
  if (status === 401 || status === 403 || error === 'unauthorized')
    return ended('needs_human', `the model provider refuses the credentials: ${told.error}`);
  if (status === 429 || error === 'usage_limit_exceeded' || error === 'rate_limit_exceeded')
    return noQuota(told, rollout);
  if (error === 'context_window_exceeded') return ended('incomplete_handoff', 'the conversation outgrew the model');
  if (error === 'cyber_policy' || error === 'invalid_prompt')
    return ended('refused', `the model provider refuses the task: ${told.error}`);
  return error === 'other' ? byMessage(told.error) : down(told.error);
}

/** The CLI's record names these errors `other`; its messages are fixed. */
function byMessage(error: string): Ending {
  if (error.endsWith('Incomplete response returned, reason: content_filter'))
    return ended('refused', `the model provider refuses the task: ${error}`);
  if (error.endsWith('Incomplete response returned, reason: max_output_tokens'))
    return ended('incomplete_handoff', "the answer outgrew the model's limit");
  if (error.startsWith('{')) return ended('crashed', `the model provider refuses the request: ${error}`);
  return down(error);
}

function noQuota({ error }: Told, { until }: Rollout): Ending {
  const ending = ended('quota_parked', `the model provider's quota is used up: ${error}`);
  return until === undefined ? ending : { ...ending, until };
}

function down(error: string): Ending {
  return ended('provider_down', `the model provider does not answer: ${error}`);
}

function ended(end: Ending['end'], why: string): Ending {
  return { end, why: oneLine(why, 400), summary: '' };
}

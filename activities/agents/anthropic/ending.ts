import { APIError, AnthropicError } from '@anthropic-ai/sdk';
import type { Anthropic } from '@anthropic-ai/sdk';
import { oneLine } from '../../../domain/text.ts';
import type { EndEvent } from '../shared-events.ts';

type StopReason = Anthropic.Beta.BetaMessage['stop_reason'];

const NEEDS_HUMAN = new Set([401, 402, 403, 404]);
const PASSING = new Set([408, 409]);
const WINDOWS = ['requests', 'tokens', 'input-tokens', 'output-tokens'];

/** The ending of a session whose model has stopped for good; nothing while it may go on. */
export function endOfReply(reason: StopReason): EndEvent | undefined {
  if (reason === 'refusal') return ended('refused', 'the model refuses the task');
  if (reason === 'max_tokens') return ended('incomplete_handoff', 'a reply reached its length limit');
  if (reason === 'model_context_window_exceeded')
    return ended('incomplete_handoff', 'the conversation outgrew the model');
  return undefined;
}

/** The ending of a session whose request failed for good. `now` and `until` are milliseconds since the epoch. */
export function endOfError(error: unknown, now: number): EndEvent {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof APIError) return ofApi(error, now);
  // The SDKs have no error class of their own for what is missing before a request.
  if (/authentication|credential|\bregion\b|project ?id/i.test(message))
    return ended('needs_human', `no access to the model provider: ${message}`);
  if (error instanceof AnthropicError || error instanceof SyntaxError)
    return ended('provider_down', `the model provider's answer is no answer: ${message}`);
  return ended('crashed', message);
}

function ofApi(error: APIError, now: number): EndEvent {
  const { status, type } = error;
  const message = error.apiMessage ?? error.message;
  if (status === 429 || type === 'rate_limit_error') {
    const until = error.headers === undefined ? undefined : resetOf(error.headers, now);
    const parked = ended('quota_parked', `the model provider's quota is used up: ${message}`);
    return until === undefined ? parked : { ...parked, until };
  }
  if (type === 'authentication_error' || type === 'permission_error' || NEEDS_HUMAN.has(status ?? 0))
    return ended('needs_human', `the model provider refuses: ${message}`);
  if (status === 413 || (status === 400 && /prompt is too long|too many (input )?tokens/i.test(message)))
    return ended('incomplete_handoff', 'the conversation outgrew the model');
  if (status === 400 && /credit balance/i.test(message)) return ended('needs_human', message);
  if (status !== undefined && status < 500 && !PASSING.has(status) && type !== 'overloaded_error')
    return ended('crashed', `the model provider refuses the request: ${message}`);
  return ended('provider_down', `the model provider does not answer: ${message}`);
}

/** When there is quota again, by the answer's headers. */
export function resetOf(headers: Headers, now: number): number | undefined {
  const after = headers.get('retry-after');
  if (after !== null) return Number.isNaN(Number(after)) ? instant(after) : now + Number(after) * 1000;
  const unified = headers.get('anthropic-ratelimit-unified-reset');
  if (unified !== null) return instant(unified);
  const resets = WINDOWS.filter((name) => headers.get(`anthropic-ratelimit-${name}-remaining`) === '0')
    .map((name) => instant(headers.get(`anthropic-ratelimit-${name}-reset`) ?? ''))
    .filter((time) => time !== undefined);
  return resets.length === 0 ? undefined : Math.max(...resets);
}

/** Seconds since the epoch, or a date. */
function instant(text: string): number | undefined {
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

export function ended(as: EndEvent['as'], why: string): EndEvent {
  return { as, why: oneLine(why, 400), summary: '' };
}

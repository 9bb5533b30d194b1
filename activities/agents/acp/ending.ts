import { RequestError } from '@agentclientprotocol/sdk';
import type { StopReason } from '@agentclientprotocol/sdk';
import type { Role } from '../../../domain/roles.ts';
import { oneLine } from '../../../domain/text.ts';
import { fields, text } from '../fields.ts';
import { writtenEnding } from '../report.ts';
import { endEvent } from '../shared-events.ts';
import type { EndEvent } from '../shared-events.ts';

const AUTH_REQUIRED = -32_000;

/** The ending that an answered prompt gives a session, by why the agent stopped; nothing when it ended its turn without a report. */
export function endOfPrompt(
  reason: StopReason,
  { message, role }: { readonly message: string; readonly role: Role },
): EndEvent | undefined {
  if (reason === 'refusal') return ended('refused', `the agent refuses the task: ${message}`);
  if (reason === 'max_tokens') return ended('incomplete_handoff', 'a reply reached its length limit');
  if (reason === 'max_turn_requests') return ended('incomplete_handoff', 'the session reached its turn limit');
  if (reason === 'cancelled') return ended('crashed', 'the agent cancelled the session');
  return endEvent(writtenEnding(message, role));
}

/**
 * The ending of a session whose prompt failed: by the error's code, then by the kind that the agent gives the error of its model
 * provider. An agent that tells neither has crashed.
 */
export function endOfError(error: unknown): EndEvent {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof RequestError)) return ended('crashed', message);
  if (error.code === AUTH_REQUIRED) return ended('needs_human', `the agent is not logged in: ${message}`);
  const kind = text(fields(error.data)['errorKind']);
  if (kind === 'authentication_failed' || kind === 'billing_error')
    return ended('needs_human', `the model provider refuses: ${message}`);
  if (kind === 'rate_limit') return ended('quota_parked', `the model provider's quota is used up: ${message}`);
  if (kind === 'max_output_tokens') return ended('incomplete_handoff', 'a reply reached its length limit');
  if (kind === 'invalid_request')
    return /prompt is too long/i.test(message)
      ? ended('incomplete_handoff', 'the conversation outgrew the model')
      : ended('crashed', `the model provider refuses the request: ${message}`);
  return kind === ''
    ? ended('crashed', message)
    : ended('provider_down', `the model provider does not answer: ${message}`);
}

export function ended(as: EndEvent['as'], why: string): EndEvent {
  return { as, why: oneLine(why, 400), summary: '' };
}

import { APIConnectionError, APIError, AnthropicError } from '@anthropic-ai/sdk';
import { expect, test } from '@jest/globals';
import { endOfError, endOfReply, resetOf } from '../../../../activities/agents/anthropic/ending.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

const api = (status: number, type: string, message: string, headers: Record<string, string> = {}): APIError =>
  APIError.generate(status, { type: 'error', error: { type, message } }, message, new Headers(headers));

test.each([
  [api(401, 'authentication_error', 'bad key'), 'needs_human'],
  [api(403, 'permission_error', 'not yours'), 'needs_human'],
  [api(404, 'not_found_error', 'model: nope'), 'needs_human'],
  [api(400, 'invalid_request_error', 'Your credit balance is too low'), 'needs_human'],
  [api(400, 'invalid_request_error', 'prompt is too long: 9 tokens > 8 maximum'), 'incomplete_handoff'],
  [api(413, 'request_too_large', 'too large'), 'incomplete_handoff'],
  [api(400, 'invalid_request_error', 'tools.0.name: wrong'), 'crashed'],
  [api(429, 'rate_limit_error', 'slow down'), 'quota_parked'],
  [api(500, 'api_error', 'oops'), 'provider_down'],
  [api(529, 'overloaded_error', 'busy'), 'provider_down'],
  [new APIConnectionError({ message: 'refused' }), 'provider_down'],
  [new AnthropicError('request ended without sending any chunks'), 'provider_down'],
  [new Error('Could not resolve authentication method'), 'needs_human'],
  [new Error('Could not load the default credentials'), 'needs_human'],
  [new TypeError('x is not a function'), 'crashed'],
])('%s ends a session as %s', (error, as) => {
  expect(endOfError(error, NOW)).toMatchObject({ as });
});

test.each([
  ['refusal', 'refused'],
  ['max_tokens', 'incomplete_handoff'],
  ['model_context_window_exceeded', 'incomplete_handoff'],
  ['end_turn', undefined],
  ['tool_use', undefined],
] as const)('a reply that stops with %s ends a session as %s', (reason, as) => {
  expect(endOfReply(reason)?.as).toBe(as);
});

test.each([
  [{ 'retry-after': '90' }, NOW + 90_000],
  [{ 'retry-after': 'Tue, 01 Jan 2030 02:00:00 GMT' }, NOW + 7_200_000],
  [{ 'anthropic-ratelimit-unified-reset': String(NOW / 1000 + 60) }, NOW + 60_000],
  [
    {
      ...{ 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': '2030-01-01T00:01:00Z' },
      ...{
        'anthropic-ratelimit-requests-remaining': '7',
        'anthropic-ratelimit-requests-reset': '2030-01-01T09:00:00Z',
      },
    },
    NOW + 60_000,
  ],
  [{}, undefined],
  [{ 'retry-after': 'soon' }, undefined],
] as [Record<string, string>, number | undefined][])('headers %j tell the time of the next quota', (headers, until) => {
  expect(resetOf(new Headers(headers), NOW)).toBe(until);
});

import type { Anthropic, ClientOptions } from '@anthropic-ai/sdk';

/** Who serves the model: Anthropic itself, or a cloud. */
export const providers = ['anthropic', 'vertex', 'bedrock'] as const;
export type Provider = (typeof providers)[number];

export type Messages = Pick<Anthropic['beta']['messages'], 'toolRunner'>;
type Middleware = NonNullable<ClientOptions['middleware']>[number];

// A longer wait is the run's business, not that of a process that holds a session.
const PATIENCE_SECONDS = 5;

const noLongWait: Middleware = async (request, next) => {
  const response = await next(request);
  const after = response.headers.get('retry-after');
  if (after === null || Number(after) <= PATIENCE_SECONDS) return response;
  const headers = new Headers(response.headers);
  headers.set('x-should-retry', 'false');
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
};

/**
 * The Messages API of a provider. Credentials and address come from the variables that its SDK reads by itself; with `gateway`
 * requests go out without any, for a gateway that adds them. Throws what the SDK throws when something is missing.
 */
export async function messagesOf(provider: Provider, gateway: boolean): Promise<Messages> {
  const options = { maxRetries: 2, middleware: [noLongWait] };
  if (provider === 'anthropic') {
    const { Anthropic } = await import('@anthropic-ai/sdk');
    return new Anthropic(options).beta.messages;
  }
  if (provider === 'bedrock') {
    const { AnthropicBedrock } = await import('@anthropic-ai/bedrock-sdk');
    return new AnthropicBedrock({ ...options, skipAuth: gateway }).beta.messages;
  }
  const { AnthropicVertex } = await import('@anthropic-ai/vertex-sdk');
  if (!gateway) return new AnthropicVertex(options).beta.messages;
  const { PassThroughClient } = await import('google-auth-library');
  return new AnthropicVertex({ ...options, authClient: new PassThroughClient() }).beta.messages;
}

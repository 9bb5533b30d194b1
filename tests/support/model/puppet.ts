import { serveModel } from './server.ts';
import type { ModelServer, Protocol, Script } from './server.ts';

interface Question {
  readonly turn: number;
}

const protocol: Protocol<Question> = {
  path: '/v1/turns',
  turnOf: ({ turn }) => turn,
  events: (turn, refused) =>
    ['"start"', JSON.stringify({ ...turn, ...(refused ? { refused } : {}) }), '"end"'].map(line),
  error: (status) => ({ error: `scripted ${status}` }),
};

const line = (data: string): string => `data: ${data}\n\n`;

/** The server that tells `tests/support/puppet.ts` what to do. */
export function startPuppeteer(script: Script): Promise<ModelServer<Question>> {
  return serveModel(protocol, script);
}

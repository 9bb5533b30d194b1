import type { IncomingMessage } from 'node:http';

// Not by `import`: that makes Node load its `fetch` as well, for longer than the whole call takes.
const { request } = process.getBuiltinModule('node:http');

const PATIENCE_MS = 2000;
// The API of the UI wants a cookie and a header that agree, which a foreign web page cannot give.
const SAME_SITE = { cookie: '_csrf=spec-to-pr', 'x-csrf-token': 'spec-to-pr' };

/** What was asked for is not there. */
export class Absent extends Error {
  override readonly name = 'Absent';
}

/** Gets a path, or posts an empty order to it, and gives the JSON that comes back. Throws Absent, or an error when there is no answer soon. */
export type Ask = <T>(path: string, method?: 'GET' | 'POST') => Promise<T>;

/** Asks below a base URL of the HTTP API that the Temporal UI serves. */
export function asker(base: string): Ask {
  return async <T>(path: string, method: 'GET' | 'POST' = 'GET') => {
    const response = await sent(`${base}${path}`, method);
    const text = await read(response);
    if (response.statusCode === 404) throw new Absent(path);
    if (response.statusCode !== 200) throw new Error(`${path}: status ${response.statusCode}`);
    const value: T = JSON.parse(text);
    return value;
  };
}

function sent(url: string, method: 'GET' | 'POST'): Promise<IncomingMessage> {
  const headers = method === 'GET' ? {} : { ...SAME_SITE, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const order = request(url, { method, headers, agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }, resolve);
    order.once('error', reject);
    order.end(method === 'GET' ? undefined : '{}');
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of response as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listening } from '../listening.ts';

export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * What a scripted model does instead of answering: an HTTP error, a connection dropped before or in the answer (`cut`), no
 * byte at all (`silence`), a first event and then none (`stall`) or the end of the stream (`unfinished`), bytes that are no
 * answer, a refusal for safety.
 */
export type Fault =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: Readonly<Record<string, unknown>>;
    }
  | 'drop'
  | 'cut'
  | 'silence'
  | 'stall'
  | 'unfinished'
  | 'garbage'
  | 'refusal';

/** What the model answers at one turn: text, tool calls, or a fault. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
  readonly delayMs?: number;
  readonly fault?: Fault;
}

export interface ModelServer<Body = unknown> {
  readonly url: string;
  /** Bodies of all requests, in order. */
  readonly requests: Body[];
  stop(): Promise<void>;
}

/** Chooses the answer by the turn (the number of answers that the conversation holds already) and the request's text. */
export type Script = (turn: number, body: string) => Turn | Promise<Turn>;

/** How one API looks on the wire. Answers are server-sent events, unless it frames its events by itself. */
export interface Protocol<Body> {
  readonly path: string;
  turnOf(body: Body): number;
  /** The events of an answer, the first of which tells no content. A refusal comes with `refused`. */
  events(turn: Turn, refused: boolean): readonly string[];
  error(status: number): object;
  readonly framing?: { readonly contentType: string; frame(event: string): Buffer };
}

/** A scripted model API on 127.0.0.1. Stateless, so that retries and resumes are answered rightly. */
export async function serveModel<Body>(protocol: Protocol<Body>, script: Script): Promise<ModelServer<Body>> {
  const requests: Body[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (!(request.url ?? '').startsWith(protocol.path) || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const body: Body = JSON.parse(text);
    requests.push(body);
    const turn = await script(protocol.turnOf(body), text);
    await new Promise((resolve) => setTimeout(resolve, turn.delayMs ?? 0));
    play(protocol, turn, response);
  };
  const server = createServer((request, response) => void answer(request, response));
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function play<Body>(protocol: Protocol<Body>, turn: Turn, response: ServerResponse): void {
  const { fault } = turn;
  if (fault === 'silence') return;
  if (fault === 'drop') {
    response.socket?.destroy();
    return;
  }
  if (typeof fault === 'object') {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    response.end(JSON.stringify(fault.body ?? protocol.error(fault.status)));
    return;
  }
  const { contentType, frame } = protocol.framing ?? { contentType: 'text/event-stream', frame: Buffer.from };
  response.writeHead(200, { 'content-type': contentType });
  const events = protocol.events(turn, fault === 'refusal').map((event) => frame(event));
  if (fault === 'garbage') response.end('data: {"half": \n\nnot an event\n\n');
  else if (fault === 'stall') response.write(events[0] ?? '');
  else if (fault === 'unfinished') response.end(events[0] ?? '');
  else if (fault === 'cut') response.write(events[0] ?? '', () => response.socket?.destroy());
  else response.end(Buffer.concat(events));
}

/** One server-sent event; its name is left out where the API names none. */
export function sse(data: object, name?: string): string {
  return `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
}

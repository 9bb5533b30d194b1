import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';

// Outside of the sandbox: a forward proxy on a unix socket that connects to the allowed places alone, for as long as the command runs.
// Arguments: the folder for the socket `proxy`, the places as `host:port` joined by commas, the command.
const [folder = '', list = '', file = '', ...words] = process.argv.slice(2);
const allowed = new Set(list.split(','));

const refusal = (place: string): string =>
  `${place} is not open to this session: the project has the network "model"\n`;

function tunnel({ url: place = '' }: IncomingMessage, client: Duplex, head: Buffer): void {
  client.on('error', () => undefined);
  if (!allowed.has(place)) {
    client.end(`HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n${refusal(place)}`);
    return;
  }
  const colon = place.lastIndexOf(':');
  const server = connect(Number(place.slice(colon + 1)), place.slice(0, colon), () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
  server.on('error', () => client.destroy());
  client.on('close', () => server.destroy());
  server.on('close', () => client.destroy());
}

function forward(incoming: IncomingMessage, answer: ServerResponse): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
  const place = `${url?.hostname ?? ''}:${url?.port || '80'}`;
  if (url === undefined || url.protocol !== 'http:' || !allowed.has(place)) {
    answer.writeHead(403).end(refusal(place));
    return;
  }
  const { 'proxy-connection': _proxy, ...headers } = incoming.headers;
  const outgoing = request(url, { method: incoming.method ?? 'GET', headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  outgoing.on('error', () => answer.destroy());
  answer.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

const proxy = createServer(forward).on('connect', tunnel);
const cwd = process.cwd();
// By its name alone: the path of a socket may have 108 bytes at most.
process.chdir(folder);
proxy.listen('proxy', () => {
  const child = spawn(file, words, { stdio: 'inherit', cwd });
  child.once('error', () => process.exit(127));
  child.once('exit', (code, signal) => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
  });
});
// It ends with the command, which gets the same signal.
process.on('SIGTERM', () => undefined);

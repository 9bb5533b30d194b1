import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { constants } from 'node:os';

// Inside the sandbox: carries connections on its loopback to the proxy outside, for as long as the command runs.
// Arguments: the socket, the proxy's port, ports of the host's loopback to offer joined by commas, the command.
const [socket = '', proxyPort = '', ports = '', file = '', ...words] = process.argv.slice(2);

function join(client: Socket, gate: Socket): void {
  client.pipe(gate).pipe(client);
  client.on('close', () => gate.destroy());
  gate.on('close', () => client.destroy());
}

function open(client: Socket): Socket {
  const gate = connect(socket);
  client.on('error', () => gate.destroy());
  gate.on('error', () => client.destroy());
  return gate;
}

/** Opens a tunnel of its own for a client that knows of no proxy. */
function offer(port: number): (client: Socket) => void {
  return (client) => {
    const gate = open(client);
    gate.write(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      gate.off('data', read);
      if (!head.subarray(0, end).toString().startsWith('HTTP/1.1 200')) {
        client.destroy();
        return;
      }
      client.write(head.subarray(end + 4));
      join(client, gate);
    };
    gate.on('data', read);
  };
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

const offered = ports
  .split(',')
  .filter((port) => port !== '')
  .map(Number);
await Promise.all([
  listening(
    createServer((client) => join(client, open(client))),
    Number(proxyPort),
  ),
  ...offered.map((port) => listening(createServer(offer(port)), port)),
]);
const child = spawn(file, words, { stdio: 'inherit' });
child.once('error', () => process.exit(127));
child.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
// It ends with the command, which gets the same signal.
process.on('SIGTERM', () => undefined);

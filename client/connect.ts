import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { connectConfig, recordedServer } from './embedded.ts';
import type { Environment } from './embedded.ts';

/** No server answers. The message says how to get one. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface Session {
  readonly client: Client;
  readonly namespace: string;
  readonly address: string;
  /** Base URL of the Temporal UI, where it is known. */
  readonly ui?: string;
  close(): Promise<void>;
}

/** Connects to the user's server, else to the embedded one recorded in `home`. Throws Unreachable. */
export async function connect(environment: Environment, home: string): Promise<Session> {
  const config = connectConfig(environment);
  const embedded = config.connectionOptions.address === undefined ? await recordedServer(home) : undefined;
  const address = config.connectionOptions.address ?? embedded?.address;
  if (address === undefined)
    throw new Unreachable('no Temporal server is running: start one with `spec-to-pr up`, or set TEMPORAL_ADDRESS');
  const namespace = config.namespace ?? 'default';
  try {
    const options = { ...config.connectionOptions, address, connectTimeout: 4000 };
    if (embedded !== undefined) await listening(address);
    const connection = embedded === undefined ? await Connection.connect(options) : Connection.lazy(options);
    const client = new Client({ connection, namespace });
    return {
      client,
      namespace,
      address,
      ...(embedded === undefined ? {} : { ui: embedded.ui }),
      close: () => connection.close(),
    };
  } catch (error) {
    const hint = embedded === undefined ? 'check TEMPORAL_ADDRESS' : 'start it again with `spec-to-pr up`';
    throw new Unreachable(`the Temporal server at ${address} does not answer: ${hint}`, { cause: error });
  }
}

/** Resolves when something listens on a port of this host: cheaper than asking the server who it is. */
async function listening(address: string): Promise<void> {
  const [host, port] = [
    address.slice(0, address.lastIndexOf(':')),
    Number(address.slice(address.lastIndexOf(':') + 1)),
  ];
  const socket = connectTcp({ host, port, timeout: 4000 });
  socket.once('timeout', () => socket.destroy(new Error('no answer in time')));
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

type Environment = Readonly<Record<string, string | undefined>>;

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

/** True when the user names a server by `TEMPORAL_*` or a profile: then none is started. */
export function isExternal(environment: Environment): boolean {
  return loadClientConnectConfig({ overrideEnvVars: strings(environment) }).connectionOptions.address !== undefined;
}

/** Connects to the user's server, else to the embedded one recorded in `home`. Throws Unreachable. */
export async function connect(environment: Environment, home: string): Promise<Session> {
  const config = loadClientConnectConfig({ overrideEnvVars: strings(environment) });
  const embedded = config.connectionOptions.address === undefined ? await recorded(home) : undefined;
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

function strings(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function recorded(home: string): Promise<{ address: string; ui: string } | undefined> {
  try {
    const record: { address: string; ui: string } = JSON.parse(await readFile(path.join(home, 'server.json'), 'utf8'));
    return record;
  } catch {
    return undefined;
  }
}

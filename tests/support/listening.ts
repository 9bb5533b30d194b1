import type { AddressInfo, Server } from 'node:net';

/** Has the server listen on a free port of the loopback interface; gives the port. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return port;
}

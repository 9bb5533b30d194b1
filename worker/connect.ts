import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';

/** Where the server is. `address` overrides the standard `TEMPORAL_*` environment and profiles: it is that of the embedded server. */
export interface Endpoint {
  readonly address?: string;
}

/** Both connections of a worker process, to the same server and namespace. */
export async function connectWorker({
  address,
}: Endpoint): Promise<{ native: NativeConnection; client: Client; namespace: string; close(): Promise<void> }> {
  const config = loadClientConnectConfig();
  const options = { ...config.connectionOptions, ...(address === undefined ? {} : { address }) };
  const namespace = config.namespace ?? 'default';
  const native = await NativeConnection.connect(options);
  const connection = await Connection.connect(options);
  return {
    native,
    client: new Client({ connection, namespace }),
    namespace,
    close: async () => {
      await connection.close();
      await native.close();
    },
  };
}

import { writeFileSync } from 'node:fs';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/create.ts';
import { claims, recover, wanted } from '../../worker/claims.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';

// A worker process to be killed: activities as the product binds them, no workflows. Tells that it takes work by a file.
const config = workerConfig(process.env);
const { ADDRESS: address = '', QUEUE: taskQueue = '', READY: ready = '' } = process.env;
const client = new Client({ connection: await Connection.connect({ address }) });
const binding = { claim: await claims(config.home), wanted: wanted(client), redact: config.redact };
const ports = createPorts(config, { name: 'Test', email: 'test@example.com' });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  activities: createActivities(ports, binding),
});
const running = worker.run();
await recover(client, config.home);
writeFileSync(ready, '');
await running;

import { rm, writeFile } from 'node:fs/promises';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { openSandbox } from '../activities/sandbox/index.ts';
import { DEFAULT_SANDBOX } from '../domain/project.ts';
import { claims, recover, wanted } from './claims.ts';
import { workerConfig } from './config.ts';
import { connectWorker } from './connect.ts';
import { keepHostKnown } from './hosts.ts';
import { gitIdentity } from './identity.ts';
import { temporalLeases } from './leases.ts';
import { temporalLedger } from './ledger.ts';
import { createPorts, sandboxHost } from './ports.ts';
import { readyFile } from './processes/worker.ts';
import { createWorkers, workflowBundle } from './run.ts';
import { runningServer } from './temporal/server.ts';

const warn = (line: string): void => void process.stderr.write(`${new Date().toISOString()} WARN ${line}\n`);

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs a worker in this process until it is told to stop (SIGTERM, SIGINT). The server is that of `TEMPORAL_*`, else the embedded one. */
export async function main(environment: Environment): Promise<void> {
  const config = workerConfig(environment);
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      process.stderr.write(
        config.redact(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(meta ?? {})}\n`),
      ),
    ),
    shutdownSignals: ['SIGTERM', 'SIGINT'],
  });
  const embedded = environment['TEMPORAL_ADDRESS'] === undefined ? await runningServer(config.home) : undefined;
  const { native, client, namespace, close } = await connectWorker(
    embedded === undefined ? {} : { address: embedded.address },
  );
  const binding = { claim: await claims(config.home), wanted: wanted(client), redact: config.redact };
  const ports = createPorts(config, await gitIdentity(environment), {
    ledger: temporalLedger(client),
    leases: await temporalLeases(client),
  });
  const { warning } = await openSandbox(sandboxHost(config, ports.git, DEFAULT_SANDBOX));
  if (warning !== undefined) warn(warning);
  const workers = await createWorkers({
    native,
    client,
    namespace,
    ports,
    binding,
    bundle: await workflowBundle(),
  });
  const running = Promise.all(workers.map((worker) => worker.run()));
  await recover(client, config.home);
  const forget = await keepHostKnown(client, { host: ports.host(), warn });
  await writeFile(readyFile(config.home), String(process.pid));
  try {
    await running;
  } finally {
    forget();
    await rm(readyFile(config.home), { force: true });
    await close();
  }
}

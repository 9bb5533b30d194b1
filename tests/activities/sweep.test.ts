import { expect, test } from '@jest/globals';
import { survey } from '../../activities/sweep.ts';
import type { EnvironmentChoice } from '../../domain/environment.ts';
import { workerConfig } from '../../worker/config.ts';
import { hostOf } from '../../worker/host.ts';
import { noLeases } from '../../worker/leases.ts';
import { noLedger } from '../../worker/ledger.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

/** What a host finds on which no program is installed. */
async function surveyed(environment: EnvironmentChoice, home: string): Promise<unknown> {
  const config = workerConfig({ PATH: '/nonexistent', SPEC_TO_PR_HOME: home, HOME: home });
  const leases = { ...noLeases, hosts: async () => ['a-1', 'b-2'] };
  const ports = createPorts(config, { name: 'Test', email: 'test@example.com' }, { ledger: noLedger, leases });
  return survey(ports, { project: 'shop', environment }, io);
}

test('a host without the engine of a compose file says why it cannot look, and which others there are', async () => {
  const home = await temporaryFolder();
  const shared = { directory: home, env: [], health: {}, seconds: 60 };
  const environment = { ...shared, kind: 'compose', files: ['compose.yaml'], profiles: [] } as const;
  expect(await surveyed(environment, home)).toEqual({
    ...{ host: hostOf(home), hosts: ['a-1', 'b-2'], leaked: [], own: 0, foreign: 0 },
    problem: expect.stringMatching(/docker|podman/),
  });
});

test('where environments do not live on hosts, a provider that cannot be asked fails the look, so that it is tried again', async () => {
  const home = await temporaryFolder();
  const shared = { directory: home, env: [], health: {}, seconds: 60 };
  const commands = { deploy: 'true', destroy: 'true', list: 'exit 75' };
  await expect(surveyed({ ...shared, kind: 'command', commands }, home)).rejects.toThrow();
  expect(await surveyed({ kind: 'process' }, home)).toEqual({
    ...{ host: hostOf(home), hosts: ['a-1', 'b-2'], leaked: [], own: 0, foreign: 0 },
  });
});

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { Run } from '../../domain/run.ts';
import { leaseIdOf } from '../../domain/lease.ts';
import { answer, releaseLease } from '../../workflows/contract.ts';
import { shows, suiteProject } from '../support/suite.ts';
import { activitiesOf, sessionsOf, stageOfFile } from '../support/whole-runs.ts';
import { until } from '../support/until.ts';

const stage = stageOfFile('reprovision');

const UP = 'echo commit.api=$API_COMMIT';

interface Course {
  readonly workId: string;
  /** Command lines by verb; each deployment and teardown is written down before. */
  readonly commands?: Readonly<Record<string, string>>;
  readonly file?: Readonly<Record<string, unknown>>;
  readonly waits: readonly number[];
}

interface Played {
  readonly handle: WorkflowHandle;
  /** Names of the environments that were deployed to or taken away, in order. */
  readonly log: (verb: 'deployed' | 'destroyed') => Promise<readonly string[]>;
}

async function start({ workId, commands = {}, file = {}, waits }: Course): Promise<Played> {
  const folder = path.join(stage.root, workId);
  const noted = (verb: string): string => `echo "$ENVIRONMENT_NAME" >>"${path.join(folder, verb)}"`;
  const { deploy = UP, destroy = 'true', ...rest } = commands;
  const environment = {
    kind: 'command',
    commands: { deploy: `${noted('deployed')}; ${deploy}`, destroy: `${noted('destroyed')}; ${destroy}`, ...rest },
  };
  const { project, text } = await suiteProject(stage, workId, {
    attempts: [[{ spend: { usd: 0.25, tokens: 7 } }, shows({ passing: 1 })]],
    file: { environment, ...file },
    limits: { infra_backoff_seconds: waits },
  });
  const handle = await stage.product.start({ project, text, workId });
  const log: Played['log'] = async (verb) =>
    (await readFile(path.join(folder, verb), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return { handle, log };
}

/** The question that a run puts, after one session and one attempt and nothing more. */
async function question(workId: string): Promise<string> {
  const run: Run = await stage.product.settled(workId);
  expect([run.escalation?.trip.reason, run.attempts.length, run.usd, await sessionsOf(stage, workId)]).toEqual([
    ...['infrastructure', 1, 0.25],
    ['implement-1'],
  ]);
  return run.escalation?.trip.why ?? '';
}

async function abort(handle: WorkflowHandle): Promise<void> {
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}

const NO_HOST = 'echo "getaddrinfo ENOTFOUND db.invalid"; exit 1';

test('an endless fault is tried again in the same environment and last in a new one: two are made, no more', async () => {
  const { handle, log } = await start({ workId: 'ENDLESS', commands: { deploy: NO_HOST }, waits: [0, 0, 0] });
  const why = await question('ENDLESS');
  const [one, , , other] = await log('deployed');
  expect([await log('deployed'), one === other]).toEqual([[one, one, one, other], false]);
  expect(why).toBe(
    `e2e: environment: dns: "deploy" ended with exit code 1: getaddrinfo ENOTFOUND db.invalid (infra, 4 tries in ${one} and ${other})`,
  );
  await until(async () => new Set(await log('destroyed')).size === 2);
  await abort(handle);
  expect(new Set(await log('destroyed'))).toEqual(new Set([one, other]));
}, 60_000);

test('a fault that passes needs no other environment', async () => {
  const { handle, log } = await start({
    workId: 'PASSING',
    commands: { deploy: `if mkdir "$API_DIR/../../tried"; then ${NO_HOST}; fi; ${UP}` },
    waits: [0, 0],
  });
  expect((await handle.result()).ending).toBe('completed');
  const [one] = await log('deployed');
  expect(await log('deployed')).toEqual([one, one]);
}, 60_000);

test('a sick environment is given up after the first wait, and a second sick one ends it', async () => {
  const folder = path.join(stage.root, 'SICK');
  const at = `"${folder}/$ENVIRONMENT_ID"`;
  const status = `if test -f ${at}-seen; then echo state=sick; elif test -f ${at}; then touch ${at}-seen; echo state=ready; else echo state=absent; fi`;
  const { handle, log } = await start({
    workId: 'SICK',
    commands: { deploy: `touch ${at}; ${UP}`, status, destroy: `rm -f ${at} ${at}-seen` },
    waits: [0, 0, 0],
  });
  const why = await question('SICK');
  const [one, other] = await log('deployed');
  expect([await log('deployed'), one === other]).toEqual([[one, other], false]);
  expect(why).toBe(
    `e2e: environment: the environment ${other} was ready and is sick now (env_sick, 2 tries in ${one} and ${other})`,
  );
  await abort(handle);
}, 60_000);

test('an environment that is taken from under the run is replaced once', async () => {
  const { handle, log } = await start({
    workId: 'TAKEN',
    commands: { deploy: `if mkdir "${stage.root}/taken"; then sleep 60; fi; ${UP}` },
    file: { leases: { ttl: '1s' } },
    waits: [0, 0],
  });
  await until(async () => (await log('deployed')).length > 0);
  const [one = ''] = await log('deployed');
  await stage.product.server.client.workflow.getHandle(leaseIdOf('shop', one)).signal(releaseLease);
  expect((await handle.result()).ending).toBe('completed');
  const all = await log('deployed');
  expect([all.length, new Set(all).size]).toEqual([2, 2]);
}, 60_000);

test('without waits a person is asked at once', async () => {
  const { handle, log } = await start({ workId: 'IMPATIENT', commands: { deploy: NO_HOST }, waits: [] });
  const why = await question('IMPATIENT');
  expect(why).toContain(`(infra, 1 try in ${(await log('deployed')).join(' and ')})`);
  await abort(handle);
}, 60_000);

test('checks wait as often, and no environment is made for them', async () => {
  const { handle, log } = await start({
    workId: 'CHECKS',
    file: {
      gates: ['checks', 'e2e'],
      repositories: { api: { url: './api.git', checks: { unit: 'echo "npm error code ENOTFOUND"; exit 1' } } },
    },
    waits: [0, 0],
  });
  const why = await question('CHECKS');
  expect([why.startsWith('checks: '), why.endsWith(' (infra, 3 tries)'), await log('deployed')]).toEqual([
    true,
    true,
    [],
  ]);
  expect((await activitiesOf(handle)).filter((id) => id === 'checks:1')).toHaveLength(3);
  await abort(handle);
}, 60_000);

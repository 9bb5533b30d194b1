import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { deploy } from '../../activities/deploy.ts';
import { e2e } from '../../activities/e2e.ts';
import { openEnvironment } from '../../activities/environments/index.ts';
import { environmentId } from '../../activities/environments/variables.ts';
import type { Ports } from '../../activities/ports.ts';
import { release } from '../../activities/release.ts';
import type { EnvironmentChoice } from '../../domain/environment.ts';
import { SERVER, candidacy, io } from '../support/candidacy.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gitHost } from '../support/repository.ts';

test('a candidate that does not come up is a failed gate with the logs of all services', async () => {
  const { ports, input } = await candidacy({ kind: 'process' });
  const deployed = await deploy(ports, input, io);
  await release(ports, input, io);
  if (deployed.kind !== 'failed') throw new Error('it came up');
  const { result } = deployed;
  expect([result.result, result.failureClass]).toEqual(['failed', 'deploy_failed']);
  expect(result.excerpt).toContain('no schema 7');
  const logs = Object.fromEntries(
    await Promise.all(
      result.artifacts.map(async ({ ref }) => [
        path.basename(ref),
        await ports.artifacts.read({ ref, sha256: '', bytes: 0 }),
      ]),
    ),
  );
  const told = (text: string): unknown => expect.stringMatching(new RegExp(`^-- from .{24} to .{24} --\n${text}\n$`));
  expect(logs).toMatchObject({ 'api.log': told('no schema 7'), 'db.log': told('db is up') });
});

/** Logs as servers do, no two runs the same, and ends with an error. */
const chatty = (error: string): string => `
for (let i = 0; i < 60; i++) console.log(new Date().toISOString() + ' [' + process.pid + '] INFO tick ' + process.hrtime.bigint());
console.log('worker ' + process.pid + ' has counted to ' + process.hrtime.bigint());
${error}`;

async function fingerprintOf(error: string): Promise<string> {
  const { ports, input } = await candidacy({ kind: 'process' }, chatty(error));
  const deployed = await deploy(ports, input, io);
  await release(ports, input, io);
  if (deployed.kind !== 'failed') throw new Error('it came up');
  return deployed.result.fingerprint;
}

test('the same error at start has the same fingerprint, whatever was logged before it; another error has another', async () => {
  const error = "throw new TypeError('no schema 7');";
  const first = await fingerprintOf(error);
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(await fingerprintOf(error)).toBe(first);
  expect(await fingerprintOf("throw new TypeError('no schema 8');")).not.toBe(first);
});

const WITHOUT_TOOLS = {
  stateHome: '/',
  environment: {},
  toolEnvironment: { PATH: '/nowhere' },
  git: gitHost('/'),
  secret: () => undefined,
};

const byCommand = (deploy: string): EnvironmentChoice => ({
  ...{ kind: 'command', directory: '/', env: [], health: {}, seconds: 30 },
  commands: { deploy, destroy: 'true', collect_logs: 'echo hello >"$ENVIRONMENT_LOGS/api.log"' },
});

test.each([
  ['a stale deployment', `echo commit.api=${'0'.repeat(40)}`, 'deploy_stale', 'runs 00000000000… of "api"'],
  ['a fault of the provider', 'echo "no space left on device"; exit 1', 'infra', 'environment: disk: "deploy" ended'],
])('%s is a gate that did not run, with its class and the logs', async (_shown, run, failureClass, why) => {
  const { ports, input } = await candidacy(byCommand(run));
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'failed') throw new Error('it came up');
  const { result } = deployed;
  expect([result.result, result.failureClass, result.examined]).toEqual(['not_run', failureClass, 0]);
  expect(result.why).toContain(why);
  expect(result.artifacts.map(({ ref }) => path.basename(ref))).toEqual(['api.log']);
});

test('a provider whose program is missing is infra, and there is nothing to release', async () => {
  const choice: EnvironmentChoice = {
    ...{ kind: 'kubernetes', directory: '/', env: ['NOWHERE'], health: {}, seconds: 5, manifests: ['k8s'], urls: {} },
  };
  const { ports, input } = await candidacy(choice);
  const environment = { ...choice, env: [] };
  const elsewhere = { ...ports, environment: () => openEnvironment(environment, WITHOUT_TOOLS) };
  const deployed = await deploy(elsewhere, { ...input, environment }, io);
  if (deployed.kind !== 'failed') throw new Error('it came up');
  expect([deployed.result.result, deployed.result.failureClass]).toEqual(['not_run', 'infra']);
  expect(deployed.result.why).toContain('environment: tool: cannot start "kubectl"');
  expect(await release(elsewhere, { environment, name: input.name, ofThisHost: true }, io)).toBe(true);
  await expect(release(ports, { environment: choice, name: input.name }, io)).rejects.toThrow(
    'credentials: the worker has no variable "NOWHERE", which "environment.env" names',
  );
});

const CASES = ['AC-1 pays', 'ac_1 refunds', 'AC-12 ships', 'AC-3 waits'];
const SUITE = {
  ...{ repository: 'api', reports: ['r.xml'], minTests: 1, reruns: 0 },
  run: `[ "$ACCEPTANCE_CRITERIA" = "AC-1 AC-2 AC-3" ] || exit 9; echo '<testsuite tests="4">${CASES.map((name) => `<testcase classname="s" name="${name}">${name.startsWith('AC-3') ? '<failure message="late"/>' : ''}</testcase>`).join('')}</testsuite>' > r.xml; exit 1`,
};

test('the suite is told the acceptance criteria, and what its tests show of each is counted', async () => {
  const { ports, input } = await candidacy({ kind: 'process' }, SERVER);
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'deployed') throw new Error(deployed.result.why);
  const criteria = ['AC-1', 'AC-2', 'AC-3'];
  const order = { ...input, e2e: SUITE, deployment: deployed.deployment, criteria };
  const result = await e2e(ports, order, io);
  await release(ports, input, io);
  expect(result).toMatchObject({
    result: 'failed',
    criteria: { 'AC-1': { passed: 2, failed: 0 }, 'AC-3': { passed: 0, failed: 1 } },
  });
  expect(Object.keys(result.criteria ?? {})).toEqual(['AC-1', 'AC-3']);
});

test('an environment that was well and is not any more is sick: no test runs, and the service is named', async () => {
  const { ports, input } = await candidacy({ kind: 'process' }, SERVER);
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'deployed') throw new Error(deployed.result.why);
  await killService(ports.home, 'db');
  const marker = path.join(ports.home, 'ran');
  const suite = { ...SUITE, run: `touch ${marker}` };
  const result = await e2e(ports, { ...input, e2e: suite, deployment: deployed.deployment }, io);
  await release(ports, input, io);
  expect([result.result, result.failureClass, result.examined]).toEqual(['not_run', 'env_sick', 0]);
  expect(result.why).toMatch(/was ready and is sick now \(.*db: /);
  expect(result.artifacts.map(({ ref }) => path.basename(ref)).toSorted()).toEqual(['api.log', 'db.log']);
  expect(existsSync(marker)).toBe(false);
});

/** Ends the process of one service as the kernel would when memory is short. */
async function killService(home: string, service: string): Promise<void> {
  const [environment = ''] = await readdir(path.join(home, 'environments'));
  const file = path.join(home, 'environments', environment, 'environment.json');
  const { processes }: { processes: Record<string, { pid: number }> } = JSON.parse(await readFile(file, 'utf8'));
  const { pid } = processes[service] ?? { pid: 0 };
  if (pid === 0) throw new Error(`no process of ${service}`);
  process.kill(pid, 'SIGKILL');
  while (existsSync(`/proc/${pid}`) && !(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z')).includes(') Z'))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Leases that are lost at the nth sign of life. */
function losing(ports: Ports, sign: number): Ports {
  let signs = 0;
  return { ...ports, leases: { ...ports.leases, extend: async () => (signs += 1) < sign } };
}

test.each([
  ['before the deployment', 1],
  ['by its end', 2],
])('a lease that is lost %s is a gate that did not run, and nothing stays up', async (_shown, sign) => {
  const { ports, input } = await candidacy({ kind: 'process' }, SERVER);
  const lease = { id: 'shop~environment/one', seconds: 600 };
  const deployed = await deploy(losing(ports, sign), { ...input, lease }, io);
  if (deployed.kind !== 'failed') throw new Error('it came up');
  expect([deployed.result.result, deployed.result.failureClass]).toEqual(['not_run', 'env_sick']);
  expect(deployed.result.why).toContain('the lease shop~environment/one has ended');
  expect(await ports.environment({ kind: 'process' }).list(io)).toEqual([]);
});

test('a red suite whose lease is gone by its end blames nobody', async () => {
  const { ports, input } = await candidacy({ kind: 'process' }, SERVER);
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'deployed') throw new Error(deployed.result.why);
  const order = { ...input, e2e: SUITE, deployment: deployed.deployment, lease: { id: 'one', seconds: 600 } };
  const result = await e2e(losing(ports, 2), order, io);
  await release(ports, input, io);
  expect([result.result, result.failureClass]).toEqual(['not_run', 'env_sick']);
});

test("the provider's own command is the suite where the project has none, and its report counts as any other", async () => {
  const commit =
    'for repository in $(echo "$ENVIRONMENT_COMMITS" | tr -d \'{}"\' | tr "," " "); do echo "commit.$repository" | tr ":" "="; done';
  const suite =
    'echo "$PWD $ENVIRONMENT_VERB $ENVIRONMENT_NAME $E2E_REPO $E2E_REF $DB_URL" >"$E2E_DIR/seen"; echo "<testsuite><testcase name=\'a\'/></testsuite>" >"$E2E_DIR/r.xml"; cp "$E2E_DIR/seen" "$ENVIRONMENT_ID"';
  const directory = await temporaryFolder();
  const deployLine = `${commit}; echo variable.DB_URL=pg://db`;
  const environment: EnvironmentChoice = {
    ...{ kind: 'command', directory, env: [], health: {}, seconds: 30 },
    commands: { deploy: deployLine, destroy: 'true', e2e: suite },
  };
  const { ports, input } = await candidacy(environment);
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'deployed') throw new Error(deployed.result.why);
  const project = { repository: 'api', reports: ['r.xml'], minTests: 1, reruns: 0 };
  const order = { ...input, deployment: deployed.deployment };
  expect(await e2e(ports, { ...order, e2e: project }, io)).toMatchObject({ result: 'passed', examined: 1 });
  const seen = await readFile(path.join(directory, environmentId(input.name)), 'utf8');
  expect(seen).toBe(`${directory} e2e ${input.name} api ${input.commits['api']} pg://db\n`);
  expect(await e2e(ports, { ...order, e2e: { ...project, minTests: 2 } }, io)).toMatchObject({
    failureClass: 'no_tests',
  });
});

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openEnvironment } from '../../../../activities/environments/index.ts';
import { resourceName } from '../../../../activities/environments/variables.ts';
import type { ComposeSettings } from '../../../../domain/environment.ts';
import { engineProblem, engineVariables, madeOf, serviceOf, withEngine } from '../../../support/environments/image.ts';
import type { Order } from '../../../support/environments/one-call.ts';
import { callApart } from '../killed.ts';
import { START, ioOf, scene } from '../scene.ts';

const problem = engineProblem();
const PROJECT = resourceName('shop/SPEC-1');
const BY = 'compose with the engine of this host';

async function place() {
  const { config, request: requestOf } = await scene();
  const { stateHome: directory } = config;
  const services = ['api', 'web'].map((key) => serviceOf(key, `\${${key.toUpperCase()}_DIR}`));
  await writeFile(path.join(directory, 'compose.yaml'), `services:${services.join('')}\n    depends_on: [api]\n`);
  const variables = engineVariables();
  const choice: ComposeSettings = {
    ...{ kind: 'compose', directory, env: Object.keys(variables), seconds: 60 },
    ...{ health: { api: '/healthz', web: '/healthz' }, files: ['compose.yaml'], profiles: [], engine: 'docker' },
  };
  const request = { ...requestOf({ api: START.good, web: START.good }), healthSeconds: 30 };
  return {
    request,
    provider: openEnvironment(choice, { ...config, secret: (name) => variables[name] }),
    order: (call: Order['call'], dieAt?: string): Order => ({
      ...{ choice, stateHome: directory, variables, call, request },
      ...(dieAt === undefined ? {} : { dieAt }),
    }),
  };
}

const containers = (): number => madeOf(PROJECT, ['container']).length;

type Moment = readonly [string, { readonly dieAt?: string; readonly when?: () => boolean }];

const DEPLOYING: readonly Moment[] = [
  ['before "up"', { dieAt: 'compose up shop/SPEC-1' }],
  ['with the network made', { when: () => madeOf(PROJECT, ['network']).length > 0 }],
  ['with the first container made', { when: () => containers() > 0 }],
  ['with both made', { when: () => containers() > 1 }],
];
const DESTROYING: readonly Moment[] = [
  ['before its first step', { dieAt: 'called' }],
  ['with a container gone', { when: () => containers() < 2 }],
  ['with both gone', { when: () => containers() === 0 }],
];

function watch({ when }: Moment[1]): (() => Promise<boolean>) | undefined {
  return when === undefined ? undefined : async () => when();
}

if (problem === undefined) {
  withEngine();

  test.each(DEPLOYING)(
    `${BY}: a worker killed in a deployment %s: the next one makes one environment, and none is left`,
    async (_, moment) => {
      const at = await place();
      const killed = await callApart(at.order('deploy', moment.dieAt), watch(moment));
      expect([killed.signal, killed.result]).toEqual(['SIGKILL', undefined]);
      const { result, error } = await callApart(at.order('deploy'));
      expect([error, result?.commits, containers()]).toEqual(['', at.request.commits, 2]);
      for (const url of Object.values(result?.addresses ?? {})) expect((await fetch(url)).status).toBe(200);
      const { name, owner } = at.request;
      const listed = await at.provider.list(ioOf());
      expect(listed.filter((entry) => entry.name === name)).toEqual([{ name, owner }]);
      expect((await callApart(at.order('destroy'))).error).toBe('');
      expect(madeOf(PROJECT)).toEqual([]);
    },
    120_000,
  );

  test.each(DESTROYING)(
    `${BY}: a worker killed while it destroys %s: the next one leaves nothing`,
    async (_, moment) => {
      const at = await place();
      await at.provider.deploy(at.request, ioOf());
      await callApart(at.order('destroy', moment.dieAt), watch(moment));
      expect((await callApart(at.order('destroy'))).error).toBe('');
      expect(madeOf(PROJECT)).toEqual([]);
    },
    120_000,
  );
} else {
  test.skip(`${BY}: a worker killed at each step: skipped, for ${problem}`, () => undefined);
}

import { expect, test } from '@jest/globals';
import { engineFaultOf } from '../../../../activities/environments/compose/engine.ts';
import { conditionOf } from '../../../../activities/environments/compose/look.ts';
import type { Container } from '../../../../activities/environments/compose/containers.ts';

const RUNS: Container = {
  ...{ id: '1', service: 'api', labels: {}, status: 'running', health: '', exitCode: 0 },
  ...{ outOfMemory: false, restarts: 0, publishes: false, ports: [] },
};

test.each<[string, Partial<Container>, ReturnType<typeof conditionOf>]>([
  ['runs', {}, undefined],
  ['ended well and has no port', { status: 'exited' }, undefined],
  ['ended well though it has a port', { status: 'exited', publishes: true }, { bad: 'ended with exit code 0' }],
  ['ended badly', { status: 'exited', exitCode: 3 }, { bad: 'ended with exit code 3' }],
  [
    'used too much memory',
    { status: 'exited', exitCode: 137, outOfMemory: true },
    { bad: 'ended with exit code 137, for it used more memory than its container may' },
  ],
  ['was restarted again and again', { restarts: 3 }, { bad: 'was restarted 3 times' }],
  ['is unhealthy', { health: 'unhealthy' }, { bad: 'is unhealthy' }],
  ['is about to be healthy', { health: 'starting' }, { waits: 'running, health starting' }],
  ['is not started yet', { status: 'created' }, { waits: 'created' }],
])('a container that %s', (_, changes, condition) => {
  expect(conditionOf({ ...RUNS, ...changes })).toEqual(condition);
});

const GET = 'Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused';

test.each([
  [`Network a  Creating\nError response from daemon: ${GET}`, 'refused'],
  ['Error response from daemon: Head "https://registry.example/v2/shop": unexpected status 418', 'provider'],
  [
    'failed to create network a: Error response from daemon: Pool overlaps with other one on this address space',
    'provider',
  ],
  ['Error response from daemon: all predefined address pools have been fully subnetted', 'provider'],
  [
    `#5 1.100 ${GET}\nfailed to solve: process "/bin/sh -c npm test" did not complete successfully: exit code: 1`,
    undefined,
  ],
  ['api-1  | Pool overlaps with other one on this address space', undefined],
  ['Error response from daemon: No such image: shop/api', undefined],
])('what the engine itself says is told from what a build or a service says: %j', (output, cause) => {
  expect(engineFaultOf(output)).toBe(cause);
});

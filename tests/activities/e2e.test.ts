import path from 'node:path';
import { expect, test } from '@jest/globals';
import { deploy, release } from '../../activities/e2e.ts';
import type { DeployInput } from '../../activities/e2e.ts';
import { DEFAULT_LIMITS } from '../../domain/project.ts';
import type { Repository } from '../../domain/project.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };
const SERVER = `console.log('db is up'); require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1');`;

test('a candidate that does not come up is a failed gate with the logs of all services', async () => {
  const folder = await temporaryFolder();
  const repository = (key: string, program: string): Repository => ({
    key,
    url: bareRepository(folder, key, { 'server.cjs': program }),
    base: 'main',
    setup: [],
    checks: [],
    start: 'node server.cjs',
    health: '/',
  });
  const repositories = [repository('db', SERVER), repository('api', `console.log('no schema 7'); process.exit(3);`)];
  const pinned = repositories.map(({ key, url, base }) => ({
    key,
    url,
    base,
    baseCommit: git(url, 'rev-parse', 'main'),
  }));
  const home = path.join(folder, 'home');
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
  const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
  const input: DeployInput = {
    key: { workflowId: 'shop/GH-1', firstRunId: '0123456789' },
    workId: 'GH-1',
    remotes: { forge: { kind: 'local', tokenEnv: 'T' } },
    attempt: 1,
    commits: Object.fromEntries(pinned.map(({ key, baseCommit }) => [key, baseCommit])),
    pinned,
    repositories,
    limits: { ...DEFAULT_LIMITS, healthSeconds: 10 },
    environment: { kind: 'process' },
    name: 'GH-1-01234567-1',
  };
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
  expect(logs).toMatchObject({ 'api.log': 'no schema 7\n', 'db.log': 'db is up\n' });
});

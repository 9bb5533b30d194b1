import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { prove } from '../../../activities/sandbox/prove.ts';
import type { SandboxChoice } from '../../../domain/project.ts';
import { workerConfig } from '../../../worker/config.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { noBubblewrap, sandboxHostIn } from '../../support/sandbox.ts';

const contained = noBubblewrap === undefined ? test : test.skip;
const io = { signal: new AbortController().signal, progress: () => undefined };

const ALWAYS = [
  'no credential in the environment',
  'no credential in home, worktree or git configuration',
  'no process survives, also none in a session of its own',
  "the repository's git hooks and configuration do not run",
];
const BY_SANDBOX = [
  'no credential in the process list',
  "the user's home and the worker's state are closed",
  'nothing is written outside of worktree and home',
  "the host's processes are not seen",
  'nor one that also cleared its environment',
];

async function tried(choice: Partial<SandboxChoice>, environment?: Readonly<Record<string, string>>) {
  const order = {
    host: sandboxHostIn(await temporaryFolder(), choice),
    environment: (planted: Readonly<Record<string, string>>) =>
      environment === undefined
        ? workerConfig({ PATH: process.env['PATH'], HOME: '/nowhere', ...planted }).agentEnvironment
        : { ...environment, ...planted },
  };
  const { containment, properties } = await prove(order, io);
  const names = (wanted: boolean): readonly string[] =>
    properties.filter(({ holds }) => holds === wanted).map(({ name }) => name);
  return { kind: containment.kind, properties, held: names(true), broken: names(false) };
}

contained.each([
  { kind: 'auto' },
  { kind: 'bubblewrap', network: 'none' },
  { kind: 'bubblewrap', network: 'model' },
] as const)('under bubblewrap an intruder breaks no property, with %j (needs bubblewrap)', async (choice) => {
  const { kind, held, broken, properties } = await tried(choice);
  const network = `the network is "${'network' in choice ? choice.network : 'open'}"`;
  expect([kind, broken]).toEqual(['bubblewrap', []]);
  expect(held.toSorted()).toEqual([...ALWAYS, ...BY_SANDBOX, network].toSorted());
  expect(properties.filter(({ demanded }) => !demanded)).toHaveLength(choice.kind === 'auto' ? 6 : 0);
});

test('without a sandbox the proof says which properties hold all the same, and which do not', async () => {
  const { kind, held, properties } = await tried({ kind: 'none' });
  expect(kind).toBe('none');
  expect(held).toEqual(expect.arrayContaining(ALWAYS));
  expect(properties.filter(({ demanded }) => demanded).map(({ name }) => name)).toEqual(ALWAYS);
  const closed = properties.find(({ name }) => name.startsWith('the user'));
  expect(closed).toMatchObject({ holds: false, found: expect.stringMatching(/^could read: .*user/) });
});

test('a leak is found: variables that pass the canary on break the first property, by name', async () => {
  const { broken, properties } = await tried({ kind: 'auto' }, { PATH: process.env['PATH'] ?? '' });
  expect(broken).toContain('no credential in the environment');
  expect(properties[0]).toMatchObject({ demanded: true, found: expect.stringMatching(/^found in: GITHUB_TOKEN, /) });
});

test('a proof leaves no folder behind', async () => {
  await tried({ kind: 'none' });
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('spec-to-pr-proof-'))).toEqual([]);
});

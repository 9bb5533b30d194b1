import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { hostOf, knownHost } from '../../worker/host.ts';
import { temporaryFolder } from '../support/folder.ts';

const MODULE = path.resolve(import.meta.dirname, '../../worker/host.ts');

test('a state folder keeps the id of its host, and another folder has another', async () => {
  const [one, other] = [path.join(await temporaryFolder(), 'state'), await temporaryFolder()];
  const id = hostOf(one);
  expect(id).toMatch(/^[A-Za-z0-9.-]{1,40}-[0-9a-f]{8}$/);
  expect([hostOf(one), knownHost(one)]).toEqual([id, id]);
  expect(hostOf(other)).not.toBe(id);
  expect(await readdir(one)).toEqual(['host']);
});

test('asking whether a worker has been there leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  expect(knownHost(folder)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

test('processes that start at the same time agree on the id', async () => {
  const folder = await temporaryFolder();
  const script = `import { hostOf } from ${JSON.stringify(MODULE)}; process.stdout.write(hostOf(${JSON.stringify(folder)}));`;
  const ids = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', script], {
        env: { NODE_OPTIONS: '' },
      });
      return stdout;
    }),
  );
  expect(new Set(ids)).toEqual(new Set([knownHost(folder)]));
  expect(await readdir(folder)).toEqual(['host']);
});

import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import { containment } from '../../worker/containment.ts';
import { temporaryFolder } from '../support/folder.ts';

/** The environment of a worker on whose PATH there is git, and no bubblewrap. */
async function withoutBubblewrap(): Promise<Readonly<Record<string, string>>> {
  const folder = await temporaryFolder();
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  const found = await execa('sh', ['-c', 'command -v git']);
  await symlink(found.stdout, path.join(bin, 'git'));
  return { PATH: bin, HOME: folder, SPEC_TO_PR_HOME: path.join(folder, 'state'), GITHUB_TOKEN: 'a-real-one' };
}

test('without bubblewrap what is broken is told and is no fault, unless the project demands a sandbox', async () => {
  const checks = await containment(DEFAULT_SANDBOX, await withoutBubblewrap());
  expect(checks.every(({ ok }) => ok)).toBe(true);
  expect(checks.find(({ name }) => name === 'sandbox')).toEqual({
    name: 'sandbox',
    ok: true,
    found: 'agents run WITHOUT a sandbox: bubblewrap is not installed: install the package "bubblewrap" (bwrap)',
    fix: '',
    holds: false,
  });
  expect(checks.find(({ name }) => name.startsWith('the user'))).toMatchObject({ ok: true, holds: false });
  expect(await containment({ ...DEFAULT_SANDBOX, kind: 'bubblewrap' }, await withoutBubblewrap())).toEqual([
    {
      name: 'sandbox',
      ok: false,
      found:
        'the project demands contained agents, but bubblewrap is not installed: install the package "bubblewrap" (bwrap)',
      fix: 'install it, or set "sandbox" in the project file as docs/containment.md says',
      holds: false,
    },
  ]);
});

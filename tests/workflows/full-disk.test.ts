import { mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { answer } from '../../workflows/contract.ts';
import { mayMount, mountSmallDisk } from '../support/broken-host.ts';
import { startProduct } from '../support/product.ts';
import { shows, suiteProject } from '../support/suite.ts';
import { activitiesOf } from '../support/whole-runs.ts';

const MEGABYTE = 2 ** 20;

/** A service that fills the disk that it is on before it serves, unless the file is there. */
const greedy = (enough: string): string =>
  `sh -c 'test -e ${enough} || head -c ${50 * MEGABYTE} /dev/zero >data.db; exec node server.js'`;

const mounting = mayMount() ? test : test.skip;
mounting(
  "when the worker's own disk is full a person is told so after the waits, and a retry with room ends well (skipped where this user may not mount)",
  async () => {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-full-')));
    const disk = await mountSmallDisk(8);
    const product = await startProduct(disk.folder);
    try {
      const enough = path.join(root, 'enough');
      const { project, text } = await suiteProject({ root }, 'FULL', {
        attempts: [[shows({ passing: 3 })]],
        file: { repositories: { api: { url: './api.git', start: greedy(enough) } } },
      });
      const handle = await product.start({ project, text, workId: 'FULL' });
      const waiting = await product.settled('FULL');
      expect([waiting.escalation?.trip, waiting.attempts.length]).toEqual([
        { reason: 'infrastructure', why: expect.stringMatching(/^e2e: (host|environment): disk: /) },
        1,
      ]);
      const deployed = async (): Promise<number> =>
        (await activitiesOf(handle)).filter((id) => id.startsWith('deploy:')).length;
      expect(await deployed()).toBe(2);
      await writeFile(enough, '');
      for (const file of await readdir(disk.folder, { recursive: true }))
        if (path.basename(file) === 'data.db') await rm(path.join(disk.folder, file));
      await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
      const run = await handle.result();
      expect([run.ending, run.why, run.attempts.length, await deployed()]).toEqual(['completed', '', 1, 3]);
    } finally {
      await product.stop();
      await disk.remove();
      await rm(root, { recursive: true, force: true });
    }
  },
  120_000,
);

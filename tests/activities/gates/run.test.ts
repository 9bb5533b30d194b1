import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runToEnd } from '../../../activities/gates/run.ts';
import { temporaryFolder } from '../../support/folder.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

test('the exit code that an earlier try left behind is not taken for the command’s own', async () => {
  const keep = await temporaryFolder();
  await writeFile(path.join(keep, 'm1.exit'), '7\n');
  const ran = await runToEnd(
    {
      run: 'sleep 0.4; echo fine',
      directory: keep,
      environment: { PATH: process.env['PATH'] ?? '' },
      seconds: 20,
      marker: 'm1',
      keep,
    },
    io,
  );
  expect([ran.exitCode, ran.output]).toEqual([0, 'fine\n']);
});

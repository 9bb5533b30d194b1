import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { callShell } from '../../../activities/environments/tool.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ioOf } from './scene.ts';

test('the output of a noted call is kept beside the note while it is at work, and is gone with it', async () => {
  const directory = await temporaryFolder();
  const noteIn = path.join(directory, 'environment', 'call.json');
  const environment = { PATH: process.env['PATH'] ?? '', HOME: path.join(directory, 'home') };
  const call = { what: '"deploy"', run: 'ls environment; echo err >&2', directory, environment, seconds: 60, noteIn };
  const { output } = await callShell(call, ioOf());
  expect(output).toMatch(/^call-[A-Za-z0-9]{6}\ncall\.json\nerr\n$/);
  expect(await readdir(path.dirname(noteIn))).toEqual([]);
});

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { withCord } from '../../../activities/agents/tools/cords.ts';
import { toolFiles } from '../../../activities/agents/tools/files.ts';
import { temporaryFolder } from '../../support/folder.ts';

const done = { end: 'done' as const, why: '', summary: 's' };

async function endingWith(text: string, ending: Parameters<typeof withCord>[1] = done) {
  const jobDirectory = path.join(await temporaryFolder(), 'job');
  await mkdir(path.join(jobDirectory, 'home'), { recursive: true });
  await writeFile(toolFiles(jobDirectory).cords, text);
  return withCord({ jobDirectory }, ending);
}

test('the first cord that a session pulled makes its ending, unless it ended for something stronger', async () => {
  const cord = '{"cord":"human","reason":"which\\ncurrency?"}\n';
  expect(await endingWith(`${cord}{"cord":"already_done","reason":"x"}\n`)).toEqual({
    ...{ end: 'blocked', cord: 'human', why: 'which currency?', summary: 's' },
  });
  const refused = { end: 'refused' as const, why: 'no', summary: '' };
  expect(await endingWith(cord, refused)).toEqual(refused);
});

test.each([
  '',
  'garbage\n',
  '{"cord":"human"',
  '{"cord":"red","reason":"x"}\n',
  '[]\n',
  '{"cord":"human","reason":""}\n',
])('what a session may have scribbled into its own file pulls nothing: %j', async (text) => {
  expect(await endingWith(text)).toEqual(done);
});

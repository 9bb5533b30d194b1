import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { dossier } from '../../activities/dossier.ts';
import { implementation, plannedRun, play, red } from '../support/run.ts';
import { workerWith } from './notifiers/scene.ts';

const SECRET = 'pa"ss\\word-of-the-worker';

test('a dossier is kept twice, the same each time, without the secrets of the worker however they are quoted or cut', async () => {
  const ports = await workerWith({ SOME_PASSWORD: SECRET });
  const gate = red('checks', 'f'.repeat(32), 3).result;
  const why = `${'x'.repeat(990)} ${SECRET} ${'y'.repeat(990)}`;
  const run = play(plannedRun({ limits: { attempts: 1 } }), [
    implementation({ summary: why }),
    { kind: 'gated', result: { ...gate, why, excerpt: `login with ${SECRET} failed` } },
  ]);
  const kept = await dossier(ports, { run, environment: 'none' });
  expect(await dossier(ports, { run, environment: 'none' })).toEqual(kept);
  expect(kept.place).toBe(ports.artifacts.locate(kept.markdown.ref));
  expect([kept.markdown.ref, kept.json.ref].map((ref) => ref.split('/').at(-1))).toEqual([
    'dossier-q1.md',
    'dossier-q1.json',
  ]);
  const texts = [await readFile(kept.place, 'utf8'), await ports.artifacts.read(kept.json)];
  for (const text of texts) {
    expect(text).toContain('login with [redacted] failed');
    expect(text).not.toMatch(/pa\\?"ss|word-of-the/);
  }
});

import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { archive } from '../../activities/archive.ts';
import { jobFolder, runFolder } from '../../activities/folders.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { writeFiles } from '../support/repository.ts';
import { plannedRun } from '../support/run.ts';

test('an archived run has the transcripts of its sessions, and none of their homes and the logins in there', async () => {
  const home = await temporaryFolder();
  const run = { ...plannedRun(), repositories: [], ending: 'cancelled' as const, step: { at: 'ended' as const } };
  const user = path.join(home, 'user');
  mkdirSync(user);
  writeFileSync(path.join(user, 'auth.json'), '{}');
  const first = jobFolder(home, run.key, 'implement-1');
  mkdirSync(first, { recursive: true });
  writeFiles(first, { 'transcript.jsonl': '{}\n', 'home/.claude/.credentials.json': '{}', 'call-1/stdout': '' });
  const second = jobFolder(home, run.key, 'implement-2');
  mkdirSync(second, { recursive: true });
  symlinkSync(user, path.join(second, 'home'));
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: user });
  const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
  await archive(ports, { run }, { signal: new AbortController().signal, progress: () => undefined });
  expect(readdirSync(runFolder(home, run.key), { recursive: true, encoding: 'utf8' }).toSorted()).toEqual([
    'jobs',
    'jobs/implement-1',
    'jobs/implement-1/call-1',
    'jobs/implement-1/call-1/stdout',
    'jobs/implement-1/transcript.jsonl',
    'jobs/implement-2',
  ]);
  expect(readdirSync(user)).toEqual(['auth.json']);
});

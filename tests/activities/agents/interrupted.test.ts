import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { command } from '../../../activities/agents/command.ts';
import { Interruption } from '../../../activities/io.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { agentScene } from '../../support/agent.ts';

const PROGRAM = `#!/bin/sh
echo '{"type":"session","id":"s1"}'
echo "$1" >> calls
touch started
[ -e go ] && exec echo '{"type":"end","as":"done","summary":"did it"}'
exec sleep 60
`;

test('a session that is stopped again and again goes on each time, more often than one that crashes', async () => {
  const file = path.join(await temporaryFolder(), 'program');
  writeFileSync(file, PROGRAM);
  chmodSync(file, 0o755);
  const options = { command: file, arguments: 'first', resume_arguments: 'again' };
  const { task, run } = await agentScene(command, { options });
  const at = (name: string): string => path.join(task.directory, name);
  for (let time = 0; time < 6; time += 1) {
    const stop = new AbortController();
    const running = run({ signal: stop.signal });
    while (!existsSync(at('started'))) await wait(20);
    stop.abort(new Interruption('stop'));
    await expect(running).rejects.toMatchObject({ mode: 'stop' });
    rmSync(at('started'));
  }
  writeFileSync(at('go'), '');
  expect(await run()).toMatchObject({ end: 'done', summary: 'did it' });
  expect(readFileSync(at('calls'), 'utf8').trim().split('\n')).toEqual(['first', ...Array<string>(6).fill('again')]);
}, 60_000);

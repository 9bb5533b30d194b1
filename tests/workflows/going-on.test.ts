import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import type { Dossier } from '../../domain/dossier.ts';
import type { Run } from '../../domain/run.ts';
import { answer, answerSignal } from '../../workflows/contract.ts';
import { TOKEN, startGitHub } from '../support/github/server.ts';
import type { GitHub } from '../support/github/server.ts';
import { git } from '../support/repository.ts';
import { pasted } from '../support/shell.ts';
import { SUITE_FILES, shows, suiteProject } from '../support/suite.ts';
import { activitiesOf, artifactsOf, promptOf, sessionsOf, stageOfFile } from '../support/whole-runs.ts';

let hub: GitHub;
const stage = stageOfFile('going-on', async (root) => {
  hub = await startGitHub(root, { one: SUITE_FILES, two: SUITE_FILES, three: SUITE_FILES });
  return { HUB_TOKEN: TOKEN };
});
afterAll(() => hub.stop());

/** Where the hub's repository is, for the project file. */
const at = (name: string) => ({
  repositories: { api: { url: hub.cloneUrl(name), start: 'node server.js' } },
  forge: { kind: 'github', api_url: hub.url, token_env: 'HUB_TOKEN' },
});

const commitOf = (run: Run, attempt: number): string =>
  run.attempts[attempt - 1]?.implementation.commits['api'] ?? `none of attempt ${attempt}`;

/** Waits for the question after `id`, or for the end. */
async function after(id: string, workId: string): Promise<Run> {
  let run = await stage.product.settled(workId);
  while (run.escalation?.id === id) run = await stage.product.settled(workId);
  return run;
}

const WORSE = [
  [shows({ passing: 6, failing: { a: 'one' }, many: { count: 3, message: 'one' } })],
  [shows({ passing: 3, many: { count: 7, message: 'two' } })],
  [shows({ passing: 10 })],
];

test.concurrent('what made it worse is put aside: the retry goes on from the best work and ends in one pull request', async () => {
  const { project, text } = await suiteProject(stage, 'WORSE', { attempts: WORSE, file: at('one') });
  const handle = await stage.product.start({ project, text, workId: 'WORSE' });
  const waiting = await stage.product.settled('WORSE');
  expect(waiting.escalation?.trip).toEqual({
    reason: 'no_progress',
    why: '30.0 % of the known tests pass, the best before was 60.0 %',
  });
  await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
  const run = await handle.result();
  expect([run.ending, run.attempts.length]).toEqual(['completed', 3]);
  expect(git(hub.bare('one'), 'rev-parse', 'spec-to-pr/WORSE', 'spec-to-pr/WORSE^').split('\n')).toEqual([
    commitOf(run, 3),
    commitOf(run, 1),
  ]);
  expect(await promptOf(stage, 'WORSE', 'implement-3.1')).toContain('hold the work of attempt 1, the best so far');
  expect(hub.pulls.get('one')?.map(({ head, draft }) => [head, draft])).toEqual([['spec-to-pr/WORSE', false]]);
});

test.concurrent('a draft that a person accepts holds the best work, not the last', async () => {
  const { project, text } = await suiteProject(stage, 'BEST', { attempts: WORSE, file: at('two') });
  const handle = await stage.product.start({ project, text, workId: 'BEST' });
  await stage.product.settled('BEST');
  await handle.executeUpdate(answer, { args: [{ decision: 'accept_draft' }] });
  const run = await handle.result();
  expect([run.ending, run.attempts.length]).toEqual(['completed_draft', 2]);
  expect(git(hub.bare('two'), 'rev-parse', 'spec-to-pr/BEST')).toBe(commitOf(run, 1));
  expect(hub.pulls.get('two')?.map(({ draft }) => draft)).toEqual([true]);
});

test.concurrent('a limit of attempts is the number of sessions, also where an answer sets it', async () => {
  const attempts = Array.from({ length: 6 }, (_, index) => [
    shows({ passing: 3 * (index + 1), failing: { [`test ${index}`]: `broken in way ${'abcdef'[index]}` } }),
  ]);
  const { project, text } = await suiteProject(stage, 'LIMIT', { attempts, limits: { attempts: 2 } });
  const handle = await stage.product.start({ project, text, workId: 'LIMIT' });
  const first = await stage.product.settled('LIMIT');
  expect([first.escalation?.trip.why, await sessionsOf(stage, 'LIMIT')]).toEqual([
    '2 of 2 attempts failed',
    ['implement-1', 'implement-2'],
  ]);
  await handle.executeUpdate(answer, { args: [{ decision: 'retry', attempts: 3 }] });
  const second = await after('q1', 'LIMIT');
  expect([second.escalation?.trip.why, await sessionsOf(stage, 'LIMIT')]).toEqual([
    '5 of 5 attempts failed',
    ['implement-1', 'implement-2', 'implement-3.1', 'implement-4.1', 'implement-5.1'],
  ]);
  await handle.signal(answerSignal, { decision: 'abort' });
  expect((await handle.result()).ending).toBe('aborted');
});

test.concurrent('a session that its provider broke costs no attempt: what it wrote is gone on from, and the limit still holds', async () => {
  const { project, text } = await suiteProject(stage, 'DOWN', {
    attempts: [
      [{ write: { file: 'half.txt', content: 'half' } }, { end: { as: 'provider_down', why: 'overloaded' } }],
      [{ run: 'grep -q half half.txt' }, shows({ passing: 1, failing: { a: 'one' } })],
      [shows({ passing: 5, failing: { b: 'two' } })],
    ],
    limits: { attempts: 2 },
  });
  const handle = await stage.product.start({ project, text, workId: 'DOWN' });
  const down = await stage.product.settled('DOWN');
  expect([down.escalation?.trip, down.attempts.length]).toEqual([
    { reason: 'infrastructure', why: 'the agent ended provider_down: overloaded' },
    1,
  ]);
  await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
  const failed = await after('q1', 'DOWN');
  expect([failed.escalation?.trip, await sessionsOf(stage, 'DOWN')]).toEqual([
    { reason: 'attempts', why: '2 of 2 attempts failed' },
    ['implement-1', 'implement-2.1', 'implement-3.1'],
  ]);
  await handle.signal(answerSignal, { decision: 'abort' });
  await handle.result();
});

// Last, because it stops the workers that the others need.
test('a question is answered by the printed signal while no worker is up; the next worker goes on to one pull request', async () => {
  const fails = (passing: number) => [shows({ passing, failing: { a: 'one' } })];
  const { project, text } = await suiteProject(stage, 'AWAY', {
    attempts: [fails(1), fails(5), [shows({ passing: 9 })]],
    file: at('three'),
  });
  const handle = await stage.product.start({ project, text, workId: 'AWAY' });
  expect((await stage.product.settled('AWAY')).escalation?.trip.reason).toBe('same_failure');
  const file = path.join(await artifactsOf(stage, 'AWAY'), 'dossier-q1.json');
  const read = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
  while ((await read()) === '') await wait(100);
  const { commands }: Dossier = JSON.parse(await read());
  await stage.product.dismiss();
  const before = await activitiesOf(handle);
  const place = { home: stage.root, address: stage.product.server.address };
  expect(await pasted(commands.temporal[0] ?? '', place)).toContain('Signal workflow succeeded');
  await wait(1000);
  expect([await activitiesOf(handle), (await handle.describe()).status.name]).toEqual([before, 'RUNNING']);
  await stage.product.hire();
  const run = await handle.result();
  expect([run.ending, run.attempts.length, run.answers.map(({ channel, decision }) => [channel, decision])]).toEqual([
    'completed',
    3,
    [['signal', 'retry']],
  ]);
  expect(await promptOf(stage, 'AWAY', 'implement-3.1')).toContain('what to do differently');
  expect(hub.pulls.get('three')?.map(({ draft }) => draft)).toEqual([false]);
  expect(hub.calls.filter(({ method, path }) => method === 'POST' && path.endsWith('/three/pulls'))).toHaveLength(1);
});

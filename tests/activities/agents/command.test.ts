import { existsSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { command } from '../../../activities/agents/command.ts';
import type { AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import { Interruption } from '../../../activities/io.ts';
import { readRecord } from '../../../activities/process/job.ts';
import { agentScene, leftOver } from '../../support/agent.ts';
import type { AgentScene } from '../../support/agent.ts';

/** The adapter with a shell script as its program. */
async function scene(
  script: string,
  { options = {}, ...rest }: Parameters<typeof agentScene>[1] = {},
): Promise<AgentScene> {
  const made = await agentScene(command, { options: { command: '/bin/sh', ...options }, ...rest });
  const program = path.join(made.folder, 'program');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  Object.assign(made.task.options, { command: program });
  return made;
}

const tell = (event: object): string => `echo '${JSON.stringify(event)}'`;
const transcriptOf = async ({ transcript }: AgentReport): Promise<readonly unknown[]> =>
  (await readFile(transcript, 'utf8'))
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

test('a program that dies in silence leaves an empty transcript and its last words as the reason', async () => {
  const { run } = await scene('echo "Error: no key" >&2; echo "    at start" >&2; exit 3');
  const { end, why, transcript } = await run();
  expect([end, why, await readFile(transcript, 'utf8')]).toEqual(['crashed', 'Error: no key', '']);
});

test('a program gets the prompt, the worktree and its variables, and its events make the report', async () => {
  const { task, run } = await scene(
    [
      'cat > prompt.txt; pwd > where.txt; echo "$*|$HOME|$SPEC_TO_PR_SESSION|$SPEC_TO_PR_TURNS|$SPEC_TO_PR_USD|$SPEC_TO_PR_MODEL|$SPEC_TO_PR_RESUME" > told.txt',
      tell({ type: 'session', id: 'mine' }),
      tell({ type: 'text', text: 'the key is sk-ant-dummy-key-of-the-test' }),
      'echo no json',
      tell({ type: 'usage', usd: 0.25, tokens: 10, turns: 2 }),
      tell({ type: 'usage', usd: 0.5, tokens: -3 }),
      tell({ type: 'end', as: 'done', why: 'ignored', summary: 'greeted' }),
    ].join('\n'),
    { options: { arguments: 'go --model {model} a\\ b {session}' }, model: 'tiny' },
  );
  const steps: string[] = [];
  const report = await run({ progress: (step) => steps.push(step) });
  expect(report).toEqual({
    end: 'done',
    why: '',
    summary: 'greeted',
    sessionId: 'mine',
    usd: 0.75,
    tokens: 10,
    turns: 3,
    transcript: path.join(task.jobDirectory, 'transcript.jsonl'),
  });
  const read = (file: string): Promise<string> => readFile(path.join(task.directory, file), 'utf8');
  expect(await read('prompt.txt')).toBe('Write a greeting.');
  expect(await read('where.txt')).toBe(`${task.directory}\n`);
  expect(await read('told.txt')).toBe(
    `go --model tiny a b ${task.sessionId}|${path.join(task.jobDirectory, 'home')}|${task.sessionId}|10|5.00|tiny|\n`,
  );
  expect(await transcriptOf(report)).toEqual([
    { type: 'session', id: 'mine' },
    { type: 'text', text: 'the key is [redacted]' },
    { type: 'output', text: 'no json' },
    { type: 'usage', usd: 0.25, tokens: 10, turns: 2 },
    { type: 'usage', usd: 0.5, tokens: -3 },
    { type: 'end', as: 'done', why: 'ignored', summary: 'greeted' },
  ]);
  expect(steps).toEqual(['the key is sk-ant-dummy-key-of-the-test']);
});

test.each<[string, readonly object[], boolean]>([
  ['worked and told nothing', [{ type: 'text', text: 'done' }], true],
  [
    'told turns alone',
    [
      { type: 'command', command: 'x' },
      { type: 'usage', turns: 2 },
    ],
    true,
  ],
  [
    'told that it cost nothing',
    [
      { type: 'text', text: 'done' },
      { type: 'usage', usd: 0 },
    ],
    false,
  ],
  ['could not begin', [], false],
])('a session that %s', async (_, events, untold) => {
  const { run } = await scene([...events, { type: 'end', as: 'blocked', why: 'x' }].map(tell).join('\n'));
  expect((await run()).untold ?? false).toBe(untold);
});

test.each<[string, string, Partial<AgentReport>]>([
  ['blocked', tell({ type: 'end', as: 'blocked', why: 'no schema' }), { end: 'blocked', why: 'no schema' }],
  [
    'parked until the quota is back',
    tell({ type: 'end', as: 'quota_parked', why: 'spent', until: 99 }),
    { end: 'quota_parked', until: 99 },
  ],
  [
    'an ending that does not exist',
    tell({ type: 'end', as: 'perfect' }),
    { end: 'contract_violation', why: '"perfect" is no ending of a session' },
  ],
  ['an ending, then a failing exit', `${tell({ type: 'end', as: 'done' })}; exit 3`, { end: 'done' }],
  [
    'no ending but prose',
    tell({ type: 'text', text: 'All done!' }),
    { end: 'contract_violation', summary: 'All done!' },
  ],
  ['a death with a word on stderr', 'echo no licence >&2; exit 4', { end: 'crashed', why: 'no licence' }],
  [
    'a death with an error event',
    `${tell({ type: 'error', message: 'out of memory' })}; exit 1`,
    { end: 'crashed', why: 'out of memory' },
  ],
])('%s ends the session as what it is', async (_, script, report) => {
  expect(await (await scene(script)).run()).toMatchObject(report);
});

test('a program that dies goes on with its own session, by arguments of its own, and costs are added up', async () => {
  const { task, run } = await scene(
    [
      'cat >> prompts.txt; echo "$*|$SPEC_TO_PR_RESUME" >> calls.txt',
      tell({ type: 'session', id: 'mine' }),
      tell({ type: 'usage', usd: 1, tokens: 5 }),
      '[ -n "$SPEC_TO_PR_RESUME" ] || kill -9 $$',
      tell({ type: 'end', as: 'done' }),
    ].join('\n'),
    { options: { arguments: 'new', resume_arguments: 'resume {session}' } },
  );
  expect(await run()).toMatchObject({ end: 'done', sessionId: 'mine', usd: 2, tokens: 10, turns: 2 });
  expect(await readFile(path.join(task.directory, 'calls.txt'), 'utf8')).toBe('new|\nresume mine|mine\n');
  expect(await readFile(path.join(task.directory, 'prompts.txt'), 'utf8')).toContain('Your session was cut off');
  expect(await run()).toMatchObject({ end: 'done', usd: 2 });
  expect(await readFile(path.join(task.directory, 'calls.txt'), 'utf8')).toBe('new|\nresume mine|mine\n');
});

test('a session that is unknown to the program starts anew, and a report that is missing is asked for once', async () => {
  const unknown = await scene(
    `echo x >> calls.txt; case $(wc -l < calls.txt) in 1) ${tell({ type: 'session', id: 'a' })}; exit 1;; 2) ${tell({ type: 'end', as: 'no_session' })};; *) echo "$SPEC_TO_PR_RESUME" > third.txt; ${tell({ type: 'end', as: 'done' })};; esac`,
  );
  expect(await unknown.run()).toMatchObject({ end: 'done' });
  expect(await readFile(path.join(unknown.task.directory, 'third.txt'), 'utf8')).toBe('\n');
  const mute = await scene(
    `${tell({ type: 'session', id: 'a' })}; if grep -q 'final report'; then ${tell({ type: 'end', as: 'done', summary: 'asked' })}; fi`,
  );
  expect(await mute.run()).toMatchObject({ end: 'done', summary: 'asked' });
});

test.each<[string, string, Partial<AgentTask['limits']>, Partial<AgentReport>]>([
  ['money', tell({ type: 'usage', usd: 1.5 }), { usd: 1 }, { end: 'budget_exhausted', usd: 1.5 }],
  [
    'tokens',
    tell({ type: 'usage', input: 9, output: 2, cached: 4 }),
    { tokens: 14 },
    { end: 'budget_exhausted', tokens: 15, usage: { input: 9, output: 2, cached: 4 } },
  ],
  ['turns', tell({ type: 'usage', turns: 3 }), { turns: 2 }, { end: 'incomplete_handoff', turns: 3 }],
  ['patience', 'true', { silenceSeconds: 1 }, { end: 'stalled' }],
  ['time', 'while true; do echo x; sleep 0.1; done', { seconds: 1 }, { end: 'incomplete_handoff' }],
])('a program that passes its limit of %s is ended with all it started', async (_, script, limits, report) => {
  const { task, run } = await scene(`setsid sleep 300 & ${script}; sleep 300`, { limits });
  expect(await run()).toMatchObject(report);
  expect(await leftOver(task)).toEqual([]);
});

test('a program that lingers after its ending is ended, and parked it goes on when it is called again', async () => {
  const { task, run } = await scene(
    `${tell({ type: 'session', id: 'a' })}; if [ -n "$SPEC_TO_PR_RESUME" ]; then ${tell({ type: 'end', as: 'done' })}; else ${tell({ type: 'end', as: 'quota_parked' })}; sleep 300; fi`,
  );
  expect(await run()).toMatchObject({ end: 'quota_parked' });
  expect(await leftOver(task)).toEqual([]);
  expect(await run()).toMatchObject({ end: 'done', sessionId: 'a' });
});

test('left running by one worker, the program is found by the next; stopped, nothing of it is left', async () => {
  const { task, run } = await scene('touch started; setsid sleep 300 & sleep 300');
  const first = new AbortController();
  const running = run({ signal: first.signal });
  while (!existsSync(path.join(task.directory, 'started'))) await wait(20);
  first.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  const folder = path.join(task.jobDirectory, 'call-1');
  const before = await readRecord(folder);
  const second = new AbortController();
  const again = run({ signal: second.signal, progress: () => undefined });
  await wait(300);
  second.abort(new Interruption('stop'));
  await expect(again).rejects.toMatchObject({ mode: 'stop' });
  expect(await readRecord(folder)).toEqual(before);
  expect(await leftOver(task)).toEqual([]);
});

test.each([
  [{}, /needs "command"/],
  [{ command: 'no-such-program-anywhere' }, /no-such-program-anywhere/],
])('without a program that can run, the order %j is refused', async (options, message) => {
  const { run } = await agentScene(command, { options });
  await expect(run()).rejects.toMatchObject({ name: 'AgentRejected', message: expect.stringMatching(message) });
});

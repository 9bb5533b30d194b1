import { access, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { execa } from 'execa';
import type { Project } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { parseProject } from '../../formats/project.ts';
import { answer, answerSignal } from '../../workflows/contract.ts';
import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { bareRepository, git, writeFiles } from '../support/repository.ts';

let root = '';
let product: Product;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-takeover-')));
  product = await startProduct(path.join(root, 'home'));
}, 60_000);

afterAll(async () => {
  await product.stop();
  await rm(root, { recursive: true, force: true });
}, 60_000);

const TEXT = '# Greet\n\n- The greeting is polite.\n';
const ANN = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];

/** Two repositories; `api` is green once greeting.txt says please, which the agent never writes. */
async function scene(name: string): Promise<{ folder: string; project: Project }> {
  const folder = path.join(root, name);
  await mkdir(folder);
  const check = 'grep -q please greeting.txt\n';
  bareRepository(folder, 'api', { 'test.sh': check, 'greeting.txt': 'hello\n', '.gitignore': 'node_modules\n' });
  bareRepository(folder, 'web', { 'test.sh': 'true\n' });
  bareRepository(folder, 'state', { 'README.md': 'State\n' });
  await writeFile(path.join(folder, 'agent.yaml'), 'attempts: [{ steps: [{ run: "date +%N > api/greeting.txt" }] }]');
  const text = `project: shop
repositories: { api: { url: ./api.git, checks: { unit: sh test.sh } }, web: { url: ./web.git, checks: { unit: sh test.sh } } }
gates: [checks]
state: ./state.git
limits: { attempts: 1 }
agent: { name: scripted, script: agent.yaml }
`;
  return { folder, project: parseProject({ text, name: 'spec-to-pr.yaml', directory: folder }) };
}

/** The run once it stands at this question. */
async function asked(workId: string, question: string): Promise<Run> {
  let run = await product.settled(workId);
  while (run.escalation?.id !== question) run = await product.settled(workId);
  return run;
}

const worktreeOf = (run: Run, key: string): string =>
  run.takeover?.worktrees.find(({ repository }) => repository === key)?.directory ?? '';

const exists = (place: string): Promise<boolean> =>
  access(place).then(
    () => true,
    () => false,
  );

/** Runs the CLI as a person does: what it says, and its exit code. */
async function cli(...words: string[]): Promise<string> {
  const main = path.resolve(import.meta.dirname, '../../client/main.ts');
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, TEMPORAL_ADDRESS: product.server.address };
  const options = { env, extendEnv: false, all: true, reject: false } as const;
  const { all, exitCode } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, ...words],
    options,
  );
  return `${all}, exit code ${exitCode}`;
}

/** Commits a change as Ann, with her own tools, in her worktree. */
function commitAsAnn(directory: string, greeting: string): string {
  writeFiles(directory, { 'greeting.txt': greeting });
  git(directory, ...ANN, 'commit', '--quiet', '--all', '--message', 'Greet politely');
  return git(directory, 'rev-parse', 'HEAD');
}

test('a person takes a run over, commits a fix, and the run publishes exactly that commit, with its author; the worker was gone meanwhile', async () => {
  const { folder, project } = await scene('fix');
  const handle = await product.start({ project, text: TEXT, workId: 'FIX' });
  const best = (await asked('FIX', 'q1')).attempts[0]?.implementation.commits['api'] ?? '';
  const told = await handle.executeUpdate(answer, { args: [{ decision: 'take_over', by: 'ann' }] });
  const waiting = await asked('FIX', 'q2');
  const directory = worktreeOf(waiting, 'api');
  expect(told.split('\n')).toEqual([
    'take_over accepted for q1',
    expect.stringMatching(/^# on .*: commit on the branch, then spec-to-pr answer shop\/FIX resume$/),
    `cd ${directory}  # api, branch spec-to-pr/FIX from ${best.slice(0, 12)}`,
    expect.stringContaining('# web, branch'),
    expect.stringMatching(/^# on another machine/),
    ...Array.from({ length: 5 }, () => expect.stringMatching(/^git /)),
  ]);
  expect([git(directory, 'rev-parse', 'HEAD'), git(directory, 'remote', 'get-url', 'origin')]).toEqual([
    best,
    path.join(folder, 'api.git'),
  ]);

  writeFiles(directory, { 'greeting.txt': 'hello, please\n', 'notes.md': 'why\n' });
  await expect(handle.executeUpdate(answer, { args: [{ decision: 'resume', by: 'ann' }] })).rejects.toMatchObject({
    cause: { message: 'not resumed: api: not committed: greeting.txt, notes.md' },
  });
  await asked('FIX', 'q3');
  expect(await readFile(path.join(directory, 'notes.md'), 'utf8')).toBe('why\n');
  await rm(path.join(directory, 'notes.md'));

  await product.restart();
  const sha = commitAsAnn(directory, 'hello, please\n');
  expect(await handle.executeUpdate(answer, { args: [{ decision: 'resume', by: 'ann' }] })).toBe(
    'resume accepted for q3',
  );
  const run = await handle.result();
  expect([run.ending, run.why, run.pullRequests.map(({ repository, headSha }) => [repository, headSha])]).toEqual([
    'completed',
    '',
    [['api', sha]],
  ]);
  expect(run.attempts[1]).toMatchObject({
    implementation: { by: 'ann', usd: 0, tokens: 0, changed: ['api'] },
    gates: [{ gate: 'checks', result: 'passed', commits: { api: sha } }],
  });
  const bare = path.join(folder, 'api.git');
  expect(git(bare, 'log', '--format=%H %an <%ae>', 'main..spec-to-pr/FIX').split('\n')).toEqual([
    `${sha} Ann <ann@example.com>`,
    `${best} Test <test@example.com>`,
  ]);
  expect(git(path.join(folder, 'state.git'), 'for-each-ref', '--format=%(objectname)', 'refs/spec-to-pr')).toContain(
    sha,
  );
  expect(await exists(directory)).toBe(false);
}, 60_000);

test('a person on another machine works by the commands that they were told, and gives a branch back by name', async () => {
  const { folder, project } = await scene('elsewhere');
  const handle = await product.start({ project, text: TEXT, workId: 'ELSEWHERE' });
  await asked('ELSEWHERE', 'q1');
  await handle.signal(answerSignal, { decision: 'take_over', by: 'ann' });
  const waiting = await asked('ELSEWHERE', 'q2');
  const machine = path.join(folder, 'machine');
  await mkdir(machine);
  for (const command of waiting.takeover?.worktrees[0]?.elsewhere ?? []) git(machine, ...command.split(' ').slice(1));
  const sha = commitAsAnn(path.join(machine, 'api'), 'please\n');
  const resume = ['answer', 'shop/ELSEWHERE', 'resume', '--at', 'api=spec-to-pr/ELSEWHERE', '--by', 'ann'];
  expect(await cli(...resume)).toBe(
    'refused: not resumed: api: there is no spec-to-pr/ELSEWHERE: push it first, exit code 2',
  );
  const [push = ''] = (await cli('status', 'shop/ELSEWHERE')).match(/# on another machine.*/) ?? [];
  expect(push).toBe(
    '# on another machine; push the branch, then spec-to-pr answer shop/ELSEWHERE resume --at api=spec-to-pr/ELSEWHERE --at web=spec-to-pr/ELSEWHERE',
  );
  git(path.join(machine, 'api'), 'push', '--quiet', 'origin', 'spec-to-pr/ELSEWHERE');
  expect(await cli(...resume)).toBe('resume accepted for q3, exit code 0');
  const run = await handle.result();
  expect([run.ending, run.pullRequests[0]?.headSha]).toEqual(['completed', sha]);
}, 60_000);

test('a taken run refuses to be taken twice or resumed without a commit; red commits are asked about, and an abort leaves the worktree alone', async () => {
  const { project } = await scene('red');
  const handle = await product.start({ project, text: TEXT, workId: 'RED' });
  const update = (given: object): Promise<string> =>
    handle.executeUpdate(answer, { args: [{ decision: 'abort', ...given }] });
  await asked('RED', 'q1');
  await expect(update({ decision: 'resume' })).rejects.toThrow(WorkflowUpdateFailedError);
  await update({ decision: 'take_over', by: 'ann' });
  await expect(update({ decision: 'take_over', by: 'ben' })).rejects.toMatchObject({
    cause: { message: 'ann has taken the run over already' },
  });
  await expect(update({ decision: 'resume' })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('nothing was committed since the hand-over') },
  });
  const first = worktreeOf(await asked('RED', 'q3'), 'api');
  commitAsAnn(first, 'good day\n');
  await update({ decision: 'resume' });
  const red = await asked('RED', 'q4');
  expect([red.step.at, red.attempts[1]?.gates[0]?.result]).toEqual(['escalated', 'failed']);
  await update({ decision: 'take_over', by: 'ann' });
  const second = worktreeOf(await asked('RED', 'q5'), 'api');
  expect([second === first, git(second, 'log', '-1', '--format=%an')]).toEqual([false, 'Ann']);
  writeFiles(second, { 'greeting.txt': 'unfinished\n' });
  await update({ decision: 'abort', by: 'ben' });
  expect(await handle.result()).toMatchObject({ ending: 'aborted', takeover: { by: 'ann' } });
  expect(await readFile(path.join(second, 'greeting.txt'), 'utf8')).toBe('unfinished\n');
  expect(await exists(first)).toBe(true);
}, 60_000);

test('a replan after the base has moved starts from there, and the pull request is on it', async () => {
  const { folder, project } = await scene('moved');
  const handle = await product.start({ project, text: TEXT, workId: 'MOVED' });
  const before = await asked('MOVED', 'q1');
  const work = path.join(folder, 'work');
  git(folder, 'clone', '--quiet', path.join(folder, 'api.git'), work);
  writeFiles(work, { 'test.sh': 'test -s greeting.txt\n' });
  git(work, 'commit', '--quiet', '--all', '--message', 'Ask for less');
  git(work, 'push', '--quiet', 'origin', 'main');
  const moved = git(work, 'rev-parse', 'HEAD');
  await handle.executeUpdate(answer, { args: [{ decision: 'replan', guidance: 'The check has changed.', by: 'ann' }] });
  const run = await handle.result();
  expect([run.ending, run.superseded, run.attempts.length]).toEqual(['completed', 1, 2]);
  expect([before.repositories[0]?.baseCommit === moved, run.repositories[0]?.baseCommit]).toEqual([false, moved]);
  const head = run.pullRequests[0]?.headSha ?? '';
  expect(git(path.join(folder, 'api.git'), 'log', '--format=%P', '-1', head)).toBe(moved);
}, 60_000);

import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { MARKER } from '../../activities/process/marked.ts';
import type { Run } from '../../domain/run.ts';
import { prepareShop } from '../../examples/prepare.ts';
import { temporaryFolder } from '../support/folder.ts';
import { git } from '../support/repository.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');

interface Scene {
  readonly shop: string;
  readonly home: string;
  cli(...args: string[]): Promise<string>;
}

async function scene(): Promise<Scene> {
  const shop = await temporaryFolder();
  const home = path.join(shop, 'state');
  await prepareShop(shop);
  const cli = async (...args: string[]): Promise<string> => {
    const { stdout } = await execa(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
      cwd: shop,
      env: { SPEC_TO_PR_HOME: home },
      reject: false,
    });
    return stdout;
  };
  return { shop, home, cli };
}

/** Does the work of a test; whatever it started ends, also when the test fails in its middle. */
async function inScene(work: (place: Scene) => Promise<void>): Promise<void> {
  const place = await scene();
  try {
    await work(place);
  } finally {
    await place.cli('down');
  }
}

async function kill(home: string, name: 'worker' | 'server'): Promise<void> {
  const { pid }: { pid: number } = JSON.parse(await readFile(path.join(home, `${name}.json`), 'utf8'));
  process.kill(pid, 'SIGKILL');
}

/** Waits until the run's line in the list says one of these phases. */
async function reaches({ cli }: Scene, ...phases: string[]): Promise<void> {
  for (;;) {
    const rows: { phase: string }[] = JSON.parse((await cli('list', '--json')) || '[]');
    if ([...phases, 'completed'].includes(rows[0]?.phase ?? '')) return;
    await wait(50);
  }
}

/** Pids of processes that carry our marker and work below this folder. */
async function leftOver(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(`${MARKER}=`) && environment.includes(folder)) found.push(pid);
  }
  return found;
}

test(
  'worker and server killed in every phase: the same two pull requests, none doubled, nothing left over',
  () =>
    inScene(async (place) => {
      const { shop, home, cli } = place;
      await cli('run', '--file', 'spec.md', '--work-id', 'KILL', '--detach');
      for (const phase of ['implement', 'checks', 'e2e', 'publish']) {
        await reaches(place, phase);
        await kill(home, 'worker');
        if (phase === 'checks') await kill(home, 'server');
        await cli('up');
      }
      await cli('watch', 'KILL');
      const run: Run = JSON.parse(await cli('status', 'KILL', '--json'));
      expect([run.ending, run.attempts.length, run.usd]).toEqual(['completed', 2, 0.56]);
      const second = run.attempts[1];
      expect(run.pullRequests.map(({ repository, number, headSha }) => [repository, number, headSha])).toEqual(
        ['api', 'web'].map((name) => [name, 1, second?.implementation.commits[name]]),
      );
      for (const name of ['api', 'web']) {
        expect(git(path.join(shop, `${name}.git`), 'rev-parse', 'spec-to-pr/KILL')).toBe(
          second?.implementation.commits[name],
        );
        expect(git(path.join(shop, `${name}.git`), 'rev-list', '--count', 'main..spec-to-pr/KILL')).toBe(
          name === 'api' ? '2' : '1',
        );
      }
      for (const folder of await readdir(path.join(home, 'forge')))
        expect((await readdir(path.join(home, 'forge', folder))).toSorted()).toEqual(['1.json', '1.md']);
      await cli('down');
      expect(await leftOver(shop)).toEqual([]);
    }),
  400_000,
);

test(
  'answered while no worker was up, an escalated run goes on when one comes',
  () =>
    inScene(async (place) => {
      const { shop, home, cli } = place;
      await execa('sh', ['-c', `echo 'attempts: [{ steps: [{ say: All done! }] }]' > agent.yaml`], { cwd: shop });
      await cli('run', '--file', 'spec.md', '--work-id', 'WAIT');
      await kill(home, 'worker');
      const { address }: { address: string } = JSON.parse(await readFile(path.join(home, 'server.json'), 'utf8'));
      const { Client, Connection } = await import('@temporalio/client');
      const connection = await Connection.connect({ address });
      await new Client({ connection }).workflow
        .getHandle('shop/WAIT')
        .signal('answer', { decision: 'abort', by: 'ann' });
      await connection.close();
      await cli('up');
      await cli('watch', 'WAIT');
      const run: Run = JSON.parse(await cli('status', 'WAIT', '--json'));
      expect([run.ending, run.answers.map(({ by, channel }) => [by, channel])]).toEqual([
        'aborted',
        [['ann', 'signal']],
      ]);
    }),
  300_000,
);

test(
  'the worker killed while a person gets the worktrees, while they work and while they give them back: their commit is published',
  () =>
    inScene(async (place) => {
      const { shop, home, cli } = place;
      await execa('sh', ['-c', `echo 'attempts: [{ steps: [{ say: All done! }] }]' > agent.yaml`], { cwd: shop });
      await cli('run', '--file', 'spec.md', '--work-id', 'TAKE');
      void cli('answer', 'TAKE', 'take_over', '--by', 'ann');
      await reaches(place, 'hand_over', 'taken_over');
      await kill(home, 'worker');
      await cli('up');
      await reaches(place, 'taken_over');
      const waiting: Run = JSON.parse(await cli('status', 'TAKE', '--json'));
      const directory = waiting.takeover?.worktrees[0]?.directory ?? '';
      await kill(home, 'worker');
      await writeFile(path.join(directory, 'NOTES.md'), 'Prices are in cents.\n');
      git(directory, 'add', '--all');
      git(directory, 'commit', '--quiet', '--message', 'Say what the unit is');
      await cli('up');
      void cli('answer', 'TAKE', 'resume', '--by', 'ann');
      await reaches(place, 'take_back', 'checks', 'e2e');
      await kill(home, 'worker');
      await cli('up');
      await cli('watch', 'TAKE');
      const run: Run = JSON.parse(await cli('status', 'TAKE', '--json'));
      expect([run.ending, run.attempts.map(({ implementation }) => implementation.by)]).toEqual([
        'completed',
        [undefined, undefined, 'ann'],
      ]);
      expect(git(path.join(shop, 'api.git'), 'log', '--format=%s', 'main..spec-to-pr/TAKE')).toBe(
        'Say what the unit is',
      );
      await cli('down');
      expect(await leftOver(shop)).toEqual([]);
    }),
  300_000,
);

test(
  'who watches a run whose worker was killed is told, and sees it go on when the next one comes',
  () =>
    inScene(async ({ shop, home, cli }) => {
      await writeFile(path.join(shop, 'agent.yaml'), 'attempts: [{ steps: [{ say: Thinking. }, { wait: 4000 }] }]');
      const project = await readFile(path.join(shop, 'spec-to-pr.yaml'), 'utf8');
      await writeFile(path.join(shop, 'spec-to-pr.yaml'), project.replace('attempts: 3', 'attempts: 1'));
      const seen: string[] = [];
      const run = execa(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'run', '--file', 'spec.md'], {
        ...{ cwd: shop, env: { SPEC_TO_PR_HOME: home }, reject: false },
      });
      run.stdout.on('data', (text) => seen.push(String(text)));
      const shows = async (text: string): Promise<void> => {
        while (!seen.join('').includes(text)) await wait(50);
      };
      await shows('implement: Thinking.');
      await kill(home, 'worker');
      await shows('no worker answers: `spec-to-pr up` starts one, then the run goes on');
      await cli('up');
      const { exitCode, stdout, stderr } = await run;
      expect([exitCode, stderr]).toEqual([3, '']);
      expect(stdout).toContain('waits for a decision (q1)');
    }),
  300_000,
);

import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Project } from '../../domain/project.ts';
import { parseProject } from '../../formats/project.ts';
import { answer, state } from '../../workflows/contract.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { bareRepository, git } from '../support/repository.ts';

let root = '';
let product: Product;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-setup-')));
  product = await startProduct(root);
}, 60_000);

afterAll(async () => {
  await product.stop();
  await rm(root, { recursive: true, force: true });
}, 60_000);

/** A project of one repository whose set-up is `install.sh`. */
async function scene(install: string, script: string): Promise<{ folder: string; project: Project }> {
  const folder = await temporaryFolder();
  bareRepository(folder, 'api', { 'install.sh': install, 'test.sh': 'grep -q new feature.txt\n' });
  await writeFile(path.join(folder, 'agent.yaml'), script);
  const text = `project: shop
repositories:
  api:
    url: ./api.git
    base: main
    setup: [sh install.sh]
    checks: { unit: sh test.sh }
gates: [checks]
agent: { name: scripted, script: agent.yaml }
forge: local
limits: { infra_backoff_seconds: [0] }
`;
  return { folder, project: parseProject({ text, name: 'spec-to-pr.yaml', directory: folder }) };
}

const SPEC = '# Feature\n\n- It works.\n';

test('an agent works in a worktree that is set up, and what only set-up left there is not committed', async () => {
  const { folder, project } = await scene(
    'mkdir deps; echo library > deps/a; echo config > deps/b; echo "# changed" >> test.sh\n',
    `attempts: [{ steps: [
      { run: "grep -q library deps/a && echo new > feature.txt" },
      { replace: { file: deps/b, find: config, with: tuned } },
      { write: { file: deps/c, content: own } },
    ] }]`,
  );
  const run = await (await product.start({ project, text: SPEC, workId: 'LEFT' })).result();
  expect([run.ending, run.why]).toEqual(['completed', '']);
  const changed = git(path.join(folder, 'api.git'), 'diff', '--name-only', 'main', 'spec-to-pr/LEFT');
  expect(changed.split('\n')).toEqual(['deps/b', 'deps/c', 'feature.txt']);
});

test('a set-up that fails on the base costs no attempt, asks a person, and a retry goes on', async () => {
  const folder = await temporaryFolder();
  const mended = path.join(folder, 'mended');
  const { project } = await scene(
    `test -e ${mended} || { echo no licence server >&2; exit 3; }\n`,
    'attempts: [{ steps: [{ write: { file: feature.txt, content: new } }] }]',
  );
  const handle = await product.start({ project, text: SPEC, workId: 'BASE' });
  const waiting = await product.settled('BASE');
  expect([waiting.attempts, waiting.usd, waiting.escalation?.trip]).toEqual([
    [],
    0,
    {
      reason: 'infrastructure',
      why: expect.stringMatching(
        /^api:setup: set-up "sh install\.sh" failed: exit code 3: no licence server; its output is kept as [^ ]+\/setup\/api\.set-up\.log$/,
      ),
    },
  ]);
  const [, kept = ''] = waiting.escalation?.trip.why.split('kept as ') ?? [];
  expect(await readFile(path.join(product.home, 'artifacts', kept), 'utf8')).toBe('no licence server\n');
  await writeFile(mended, '');
  await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
  expect((await handle.result()).ending).toBe('completed');
});

test('a set-up that the agent broke is its failure, and the next prompt says so', async () => {
  const { project } = await scene(
    'exit 0\n',
    `attempts: [
      { steps: [{ write: { file: feature.txt, content: new } }, { write: { file: install.sh, content: "echo unknown package leftpad; exit 1" } }] },
      { steps: [{ write: { file: install.sh, content: "exit 0" } }] },
    ]`,
  );
  const run = await (await product.start({ project, text: SPEC, workId: 'BROKE' })).result();
  const [gate] = run.attempts[0]?.gates ?? [];
  expect([run.ending, run.attempts.length, gate?.failureClass]).toEqual(['completed', 2, 'compile_error']);
  const artifacts = path.join(product.home, 'artifacts');
  const prompt = await readFile(
    path.join(artifacts, await folderOf(artifacts, 'BROKE'), 'implement-2/prompt.md'),
    'utf8',
  );
  expect(prompt).toContain('unknown package leftpad');
});

test('a session without quota is parked on a timer and goes on after its last step, its cost counted once', async () => {
  const { project } = await scene(
    'exit 0\n',
    `attempts: [{ steps: [
      { run: "echo once >> steps.txt" }, { spend: { usd: 0.5, tokens: 10 } },
      { end: { as: quota_parked, why: used up, in: 2 } },
      { write: { file: feature.txt, content: new } }, { spend: { usd: 0.25, tokens: 5 } },
    ] }]`,
  );
  const handle = await product.start({ project, text: SPEC, workId: 'QUOTA' });
  let seen = await handle.query(state);
  while (seen.parked === undefined) seen = await handle.query(state);
  expect([seen.step.at, seen.parked.why, seen.attempts, seen.escalation]).toEqual(['implement', 'used up', [], null]);
  const run = await handle.result();
  expect([run.ending, run.attempts.length, run.usd, run.tokens, run.parked]).toEqual([
    'completed',
    1,
    0.75,
    15,
    undefined,
  ]);
});

async function folderOf(artifacts: string, workId: string): Promise<string> {
  return (await readdir(artifacts)).find((name) => name.includes(workId)) ?? '';
}

import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareShop } from '../../examples/prepare.ts';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import { answer } from '../../workflows/contract.ts';
import { projectIn, startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';

// Written differently in JSON, in XML and in a URL; the middle is the same in each.
const SECRET = 'pa"ss<word canary-7c1e of>&the worker';
const CANARY = 'canary-7c1e';

let root = '';
let product: Product;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-secrets-')));
  product = await startProduct(path.join(root, 'home'), { DEPLOY_PASSWORD: SECRET });
}, 60_000);

afterAll(async () => {
  await product.stop();
  await rm(root, { recursive: true, force: true });
}, 60_000);

/** An agent that tells the secret, and whose code prints it: in a unit test, in a service's log, in an end-to-end test. */
function teller(file: string): string {
  const read = `(await import('node:fs')).readFileSync(${JSON.stringify(file)}, 'utf8')`;
  const test = (body: string): string => `import { test } from 'node:test';\nconst secret = ${read};\n${body}\n`;
  const unit = test("test('prints', () => console.log(secret));");
  const e2e = test(
    'test(`uses ${secret}`, () => { console.error(secret); throw new Error(`no entry with ${secret}`); });',
  );
  const quote = { source: 'evidence/e2e/web-e2e.log', quote: `no entry with ${SECRET}` };
  const hypothesis = { claim: `${SECRET} is wrong`, kind: 'bug', proposal: `Change ${SECRET}`, evidence: [quote] };
  return JSON.stringify({
    attempts: [
      {
        steps: [
          ...['1/api', '2/api', '1/web'].map((from) => ({ copy: { from: `attempts/${from}`, to: from.slice(2) } })),
          { write: { file: 'api/test/leak.test.js', content: unit } },
          {
            replace: {
              file: 'api/src/server.js',
              find: 'async function',
              with: `console.log(${read});\nasync function`,
            },
          },
          { write: { file: 'web/e2e/leak.test.js', content: e2e } },
          { run: `cat ${file}` },
          { say: `The password is ${SECRET}` },
        ],
      },
    ],
    diagnoses: [{ steps: [{ hypothesis }] }],
  });
}

/** Every text below a folder, by its path. */
async function textsBelow(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const)),
  );
}

/** Every payload of a history as text. */
function payloads(value: unknown): readonly string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(payloads) : [];
}

const leaking = (texts: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(texts).filter((name) => texts[name]?.includes(CANARY));

test('a secret that tests, services and the agent print reaches no artifact, dossier, message, pull request or history', async () => {
  const folder = path.join(root, 'shop');
  await prepareShop(folder);
  const file = path.join(root, 'leaked');
  await writeFile(file, SECRET);
  await writeFile(path.join(folder, 'agent.yaml'), teller(file));
  const project = await projectIn(folder, { sandbox: { ...DEFAULT_SANDBOX, kind: 'none' } });
  const text = await readFile(path.join(folder, 'spec.md'), 'utf8');
  const handle = await product.start({ project, text, workId: 'SECRET' });
  // Its quote was found, else it would be unproven; the second attempt did not mend it.
  expect((await product.settled('SECRET')).attempts[0]?.diagnosis?.hypotheses).toMatchObject([{ standing: 'refuted' }]);
  await handle.executeUpdate(answer, { args: [{ decision: 'accept_draft', by: 'ann' }] });
  const run = await handle.result();
  expect([run.ending, run.pullRequests.length]).toEqual(['completed_draft', 2]);

  const kept = await textsBelow(path.join(product.home, 'artifacts'));
  const forge = await textsBelow(path.join(product.home, 'forge'));
  const told = await readFile(path.join(product.home, 'notifications.jsonl'), 'utf8');
  const history = payloads(await handle.fetchHistory()).join('\n');
  expect(leaking({ ...kept, ...forge, run: JSON.stringify(run), told, history })).toEqual([]);

  const redacted = Object.keys(kept).filter((name) => kept[name]?.includes('[redacted]'));
  expect(redacted.map((name) => name.replace(/^[^/]*\//, ''))).toEqual(
    expect.arrayContaining([
      'attempt-1/checks/api-unit.log',
      'attempt-1/e2e/again-1/web-e2e.log',
      'attempt-1/e2e/api.log',
      'attempt-1/e2e/verdict.json',
      'attempt-1/e2e/web-e2e-reports-e2e.xml',
      'diagnose-1/transcript.jsonl',
      'dossier-q1.json',
      'dossier-q1.md',
      'implement-1/transcript.jsonl',
      'implement-2/prompt.md',
      'run.json',
      'run.md',
    ]),
  );
  const bodies = await Promise.all(run.pullRequests.map(({ url }) => readFile(url, 'utf8')));
  for (const one of [told, history, ...bodies]) expect(one).toContain('[redacted]');
}, 90_000);

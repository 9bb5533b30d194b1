import { existsSync, readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { bundleWorkflowCode } from '@temporalio/worker';

const ROOT = path.resolve(import.meta.dirname, '..');

async function sources(room: string): Promise<readonly string[]> {
  const files: string[] = [];
  for await (const file of glob(`${room}/**/*.ts`, { cwd: ROOT })) files.push(file);
  return files.toSorted();
}

/** Modules that a file imports for their values: `import type` does not count, a dynamic `import()` only where asked for. */
function imports(file: string, dynamic = false): readonly string[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)(?! type)[^;]*? from '([^']+)'/gms),
    ...text.matchAll(/^import '([^']+)'/gm),
    ...(dynamic ? text.matchAll(/import\('([^']+)'\)/g) : []),
  ];
  return found.map(([, name = '']) => (name.startsWith('.') ? path.join(path.dirname(file), name) : name));
}

const ARROWS: Readonly<Record<string, RegExp>> = {
  domain: /^domain\//,
  formats: /^(domain|formats)\/|^(yaml|zod|saxes|fastest-levenshtein|tap-parser|node:(crypto|path|util))$/,
  workflows: /^(domain|workflows)\/|^@temporalio\/(workflow|common)$/,
  activities: /^(domain|formats|activities)\/|^(?!@temporalio)/,
  client: /^(domain|formats|client)\/|^workflows\/contract(-attributes)?\.ts$|^(?!activities|worker|workflows)/,
};

test.each(Object.entries(ARROWS))('%s imports only what the arrows allow', async (room, allowed) => {
  const wrong: string[] = [];
  for (const file of await sources(room))
    for (const name of imports(file)) {
      const schema = file.endsWith('.schema.ts') && name === 'zod';
      const binding = /^activities\/(bind|create)\.ts$/.test(file) && name.startsWith('@temporalio/');
      if (!allowed.test(name) && !schema && !binding) wrong.push(`${file} -> ${name}`);
    }
  expect(wrong).toEqual([]);
});

test('only the composition root and lazy verbs load the worker', async () => {
  const wrong: string[] = [];
  for (const room of ['domain', 'formats', 'workflows', 'activities'])
    for (const file of await sources(room))
      for (const name of imports(file, true)) if (name.startsWith('worker/')) wrong.push(`${file} -> ${name}`);
  for (const file of await sources('client'))
    for (const name of imports(file)) if (name.startsWith('worker/')) wrong.push(`${file} -> ${name}`);
  expect(wrong).toEqual([]);
});

test('the workflow bundle builds and holds neither zod nor an adapter', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: path.join(ROOT, 'workflows', 'index.ts'),
    logger: undefined as never,
  });
  expect(code).toContain('deliver');
  expect(code).not.toMatch(/node_modules\/zod|activities\/(agents|forges|environments|git)\/|\.schema\.ts/);
});

test('files stay small and the environment is read in two places only', async () => {
  const long: string[] = [];
  const readers: string[] = [];
  for (const room of ['domain', 'formats', 'workflows', 'activities', 'worker', 'client'])
    for (const file of await sources(room)) {
      const text = readFileSync(path.join(ROOT, file), 'utf8');
      if (text.split('\n').length > 251) long.push(file);
      if (/process\.env/.test(text) && !file.startsWith('client/')) readers.push(file);
    }
  expect(long).toEqual([]);
  expect(readers).toEqual([]);
});

test('the map in AGENTS.md names the rooms that exist', () => {
  const map = readFileSync(path.join(ROOT, 'AGENTS.md'), 'utf8');
  const named = [...map.matchAll(/^([a-z]+)\/ {2,}/gm)].map(([, name = '']) => name);
  expect(named.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
  expect(named.length).toBeGreaterThan(8);
});

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { agents } from '../../../activities/agents/index.ts';
import { AGENT_OPTIONS } from '../../../domain/agent-options.ts';
import { candidates } from './candidates.ts';
import { testsOf } from './suite.ts';
import { caseNames, withTable } from './table.ts';

const docs = path.resolve(import.meta.dirname, '../../../docs/agents.md');
const unstaged = () => Promise.reject(new Error('only the names are asked for'));

test('the table in docs/agents.md is the one of the contract (node scripts/agents-table.ts writes it)', async () => {
  const page = await readFile(docs, 'utf8');
  expect(page).toBe(withTable(page));
});

test('every agent is held to the contract, in a file of its own', async () => {
  expect(candidates.map(({ name }) => name).toSorted()).toEqual(Object.keys(agents).toSorted());
  for (const { name } of candidates) {
    const file = path.resolve(import.meta.dirname, 'contract', `${name}.test.ts`);
    expect(await readFile(file, 'utf8')).toContain(`\ncontract('${name}');\n`);
  }
});

test.each(candidates.map((candidate) => [candidate.name, candidate] as const))(
  'a case of %s is run by the suite, or the table has a reason',
  (_, candidate) => {
    const run = Object.keys(testsOf(candidate, unstaged));
    const lacked = Object.keys(candidate.lacks);
    expect([...run, ...lacked].toSorted()).toEqual(caseNames().toSorted());
    for (const reason of Object.values(candidate.lacks)) expect(reason).toMatch(/^\S.{5,80}$/);
  },
);

test.each(Object.entries(AGENT_OPTIONS))('the documentation names every option of %s', async (name, options) => {
  const page = await readFile(docs, 'utf8');
  const linked = await readFile(path.join(path.dirname(docs), 'add-an-agent.md'), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith(`\`${name}\``)) ?? '';
  const text = name === 'command' ? section + linked : section;
  const words = text.split(/[^a-z_]+/);
  expect(Object.keys(options).filter((option) => !words.includes(option))).toEqual([]);
});

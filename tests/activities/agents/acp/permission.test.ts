import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { answerTo } from '../../../../activities/agents/acp/permission.ts';
import { temporaryFolder } from '../../../support/folder.ts';

type Options = RequestPermissionRequest['options'];
type ToolCall = Omit<RequestPermissionRequest['toolCall'], 'toolCallId'>;

const OPTIONS: Options = [
  { optionId: 'always', name: 'always', kind: 'allow_always' },
  { optionId: 'yes', name: 'yes', kind: 'allow_once' },
  { optionId: 'no', name: 'no', kind: 'reject_once' },
];

async function answer(call: (work: string) => ToolCall, options = OPTIONS): Promise<string> {
  const folder = await temporaryFolder();
  const work = path.join(folder, 'work');
  await mkdir(work);
  await symlink(folder, path.join(work, 'link'));
  const { outcome } = answerTo(
    { toolCall: { toolCallId: '1', ...call(work) }, options },
    { directory: work, role: 'developer' },
  );
  return outcome.outcome === 'selected' ? outcome.optionId : outcome.outcome;
}

test.each<[string, string, (work: string) => ToolCall]>([
  ['yes', 'a file of the folder', (work) => ({ locations: [{ path: `${work}/src/new.txt` }] })],
  ['yes', 'the folder itself', (work) => ({ locations: [{ path: work }] })],
  ['yes', 'a relative path', () => ({ rawInput: { path: 'src/new.txt' } })],
  ['yes', 'a name that begins with two dots', (work) => ({ locations: [{ path: `${work}/..new` }] })],
  ['yes', 'no path at all', () => ({ kind: 'execute', rawInput: { command: 'npm test' } })],
  ['no', 'a file elsewhere', () => ({ locations: [{ path: '/etc/passwd' }] })],
  ['no', 'a way out by dots', (work) => ({ locations: [{ path: `${work}/src/../../new.txt` }] })],
  ['no', 'a relative way out', () => ({ rawInput: { file_path: '../new.txt' } })],
  ['no', 'a way out by a link', (work) => ({ locations: [{ path: `${work}/link/new.txt` }] })],
  ['no', 'a folder whose name begins alike', (work) => ({ locations: [{ path: `${work}-2/new.txt` }] })],
  [
    'no',
    'a change elsewhere',
    () => ({ content: [{ type: 'diff', path: '/etc/hosts', oldText: null, newText: 'x' }] }),
  ],
  [
    'no',
    'one file of the folder and one elsewhere',
    (work) => ({ locations: [{ path: `${work}/a` }, { path: '/tmp/a' }] }),
  ],
])('the answer is %s for %s', async (wanted, _, call) => {
  expect(await answer(call)).toBe(wanted);
});

test('where nothing is offered for once, what is offered for always is taken; where nothing fits, the call is cancelled', async () => {
  const inside = (): ToolCall => ({});
  expect(await answer(inside, OPTIONS.slice(0, 1))).toBe('always');
  expect(await answer(inside, OPTIONS.slice(2))).toBe('cancelled');
});

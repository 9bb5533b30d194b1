import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { conversationOf, readJournal, writeEntry } from '../../../../activities/agents/anthropic/journal.ts';
import type { Entry } from '../../../../activities/agents/anthropic/journal.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const reply = (...ids: readonly string[]): Entry => ({
  reply: {
    ...{ id: `msg_${ids.join()}`, usd: 0.5, tokens: 10 },
    content: ids.map((id) => ({ type: 'tool_use', id, name: 'bash', input: {}, caller: { type: 'direct' } })),
  },
});
const result = (id: string): Entry => ({ result: { type: 'tool_result', tool_use_id: id, content: 'ok' } });

test('a conversation gives each call its result, and a call that was cut off one that says so', () => {
  const messages = conversationOf([{ prompt: 'go' }, reply('a', 'b'), result('a'), { prompt: 'go on' }]);
  expect(messages).toMatchObject([
    { role: 'user', content: [{ type: 'text', text: 'go' }] },
    { role: 'assistant', content: [{ id: 'a' }, { id: 'b' }] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: 'ok' },
        { type: 'tool_result', tool_use_id: 'b', is_error: true, content: expect.stringContaining('cut off') },
        { type: 'text', text: 'go on' },
      ],
    },
  ]);
});

test('roles alternate whatever was cut off', () => {
  const messages = conversationOf([{ prompt: 'go' }, { prompt: 'go on' }, reply(), { prompt: 'report' }]);
  expect(messages).toEqual([
    { role: 'user', content: ['go', 'go on', 'report'].map((text) => ({ type: 'text', text })) },
  ]);
});

test('a journal that was cut off in the middle of a line goes on after its last whole one', async () => {
  const file = path.join(await temporaryFolder(), 'journal.jsonl');
  expect(readJournal(file)).toBeUndefined();
  writeEntry(file, { prompt: 'go' });
  appendFileSync(file, '{"reply":{"id":"msg_1","conte');
  expect(readJournal(file)).toEqual([{ prompt: 'go' }]);
  writeEntry(file, { prompt: 'on' });
  expect(readJournal(file)).toEqual([{ prompt: 'go' }, { prompt: 'on' }]);
  writeFileSync(file, '{"torn');
  expect(readJournal(file)).toEqual([]);
});

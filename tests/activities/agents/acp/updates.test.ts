import { expect, test } from '@jest/globals';
import type { SessionUpdate } from '@agentclientprotocol/sdk';
import { updatesTo } from '../../../../activities/agents/acp/updates.ts';

function told(updates: readonly SessionUpdate[]): { events: readonly object[]; message: string } {
  const events: object[] = [];
  const taker = updatesTo((event) => events.push(event));
  for (const update of updates) taker.take(update);
  taker.flush();
  return { events, message: taker.message() };
}

const chunk = (text: string, messageId: string): SessionUpdate => ({
  ...{ sessionUpdate: 'agent_message_chunk', messageId, content: { type: 'text', text } },
});
const thought = (text: string): SessionUpdate => ({
  ...{ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text } },
});

test('chunks of one message become one text; the last message is the agent’s word', () => {
  expect(
    told([chunk('Hel', '1'), chunk('lo', '1'), thought('hm'), thought('m'), chunk('Bye', '2'), chunk('!', '3')]),
  ).toEqual({
    events: [
      { type: 'text', text: 'Hello' },
      { type: 'reasoning', text: 'hmm' },
      { type: 'text', text: 'Bye' },
      { type: 'text', text: '!' },
    ],
    message: '!',
  });
});

test('a call of a tool is told once, when it is known what it does, and its result once it has ended', () => {
  const { events } = told([
    {
      sessionUpdate: 'tool_call',
      toolCallId: 'c',
      title: 'Terminal',
      kind: 'execute',
      status: 'pending',
      rawInput: {},
    },
    { sessionUpdate: 'tool_call_update', toolCallId: 'c', title: 'npm test', rawInput: { command: 'npm test' } },
    { sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'in_progress' },
    { sessionUpdate: 'tool_call', toolCallId: 'w', title: 'Write', kind: 'edit', locations: [{ path: '/w/a' }] },
    { sessionUpdate: 'tool_call_update', toolCallId: 'w', status: 'failed', rawOutput: 'denied' },
    { sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed', rawOutput: 'ok' },
    { sessionUpdate: 'tool_call', toolCallId: 's', title: 'look', kind: 'search', status: 'completed' },
  ]);
  expect(events).toEqual([
    { type: 'command', id: 'c', command: 'npm test' },
    { type: 'file_change', id: 'w', tool: 'Write', file: '/w/a' },
    { type: 'tool_result', id: 'w', is_error: true, text: 'denied' },
    { type: 'tool_result', id: 'c', is_error: false, text: 'ok' },
    { type: 'tool', id: 's', tool: 'look', input: {} },
    { type: 'tool_result', id: 's', is_error: false, text: '""' },
  ]);
});

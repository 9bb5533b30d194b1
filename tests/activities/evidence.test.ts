import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { weigh } from '../../activities/evidence.ts';
import { temporaryFolder } from '../support/folder.ts';

const LOG = 'start\nERROR total 5000\n   expected 50.00\n';

async function standings(...evidence: { source: string; quote: string }[]) {
  const transcript = path.join(await temporaryFolder(), 'transcript.jsonl');
  const events = [
    { type: 'text', text: 'connection refused by db:5432' },
    { type: 'tool_result', id: '1', is_error: false, text: 'HTTP/1.1 503 Service Unavailable' },
  ];
  await writeFile(transcript, `${events.map((event) => JSON.stringify(event)).join('\n')}\n{"type":"tool_re`);
  const read = async (source: string): Promise<string | undefined> => (source === 'evidence/api.log' ? LOG : undefined);
  const claims = evidence.map((one) => ({ claim: 'c', kind: 'bug' as const, proposal: 'p', evidence: [one] }));
  return (await weigh(claims, { attempt: 1, read, transcript })).map(({ standing }) => standing);
}

test('a quote counts when it stands in the file that it names, white space and a line number aside', async () => {
  expect(
    await standings(
      { source: 'evidence/api.log', quote: 'ERROR total 5000' },
      { source: 'evidence/api.log:2', quote: 'ERROR total 5000 expected 50.00' },
      { source: 'evidence/api.log', quote: 'ERROR total 50' },
      { source: 'evidence/api.log', quote: 'ERROR total 5001' },
    ),
  ).toEqual(['open', 'open', 'open', 'unproven']);
});

test('what a command printed counts; what the agent said itself, and what is too short to mean anything, does not', async () => {
  expect(
    await standings(
      { source: 'curl -i http://api/health', quote: '503 Service Unavailable' },
      { source: 'nc db 5432', quote: 'connection refused by db' },
      { source: 'evidence/api.log', quote: 'start' },
    ),
  ).toEqual(['open', 'unproven', 'unproven']);
});

test('a claim without evidence is kept, and says so', async () => {
  const transcript = path.join(await temporaryFolder(), 'transcript.jsonl');
  await writeFile(transcript, '');
  const claim = { claim: 'c', kind: 'spec' as const, proposal: 'p', evidence: [] };
  expect(await weigh([claim], { attempt: 2, read: async () => undefined, transcript })).toEqual([
    { ...claim, id: 'h2.1', standing: 'unproven', why: 'it cites nothing' },
  ]);
});

test('what a command was told to print proves nothing; what it found does', async () => {
  const transcript = path.join(await temporaryFolder(), 'transcript.jsonl');
  const events = [
    { type: 'command', id: '1', command: 'echo "ERROR db refused it"' },
    { type: 'tool_result', id: '1', is_error: false, text: 'ERROR db refused it\n' },
    { type: 'command', id: '2', command: 'grep -n ERROR app.log' },
    { type: 'tool_result', id: '2', is_error: false, text: '7:ERROR no such table\n' },
  ];
  await writeFile(transcript, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const claims = ['ERROR db refused it', '7:ERROR no such table'].map((quote) => ({
    ...{ claim: 'c', kind: 'bug' as const, proposal: 'p', evidence: [{ source: 'a command', quote }] },
  }));
  const weighed = await weigh(claims, { attempt: 1, read: async () => undefined, transcript });
  expect(weighed.map(({ standing }) => standing)).toEqual(['unproven', 'open']);
});

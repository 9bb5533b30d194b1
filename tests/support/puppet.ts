// A program for the agent `command`: it asks a scripted server what to do, does it, and tells of it in the events of our transcripts.
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

interface Turn {
  readonly text?: string;
  readonly tools?: readonly {
    readonly name: string;
    readonly input: { readonly file?: string; readonly content?: string; readonly command?: string };
  }[];
  readonly refused?: boolean;
}

const { PUPPET_URL = '', SPEC_TO_PR_SESSION: session = '', HOME = '' } = process.env;
/** A line for each answer that was heard. */
const memory = path.join(HOME, `${session}.turns`);

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** One answer of the server; what it says instead of one ends the session. */
async function next(turn: number): Promise<Turn | object> {
  const down = { type: 'end', as: 'provider_down', why: 'the server does not answer' };
  try {
    const response = await fetch(PUPPET_URL, { method: 'POST', body: JSON.stringify({ turn }) });
    if (!response.ok) return failure(response);
    const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
    if (!lines.includes('data: "end"')) return down;
    return JSON.parse(lines.at(1)?.slice(6) ?? '');
  } catch {
    return down;
  }
}

function failure({ status, headers }: Response): object {
  const why = `the server answered ${status}`;
  const wait = headers.get('retry-after');
  const until = wait === null ? {} : { until: Date.now() + Number(wait) * 1000 };
  if (status === 401) return { type: 'end', as: 'needs_human', why };
  if (status === 429) return { type: 'end', as: 'quota_parked', why, ...until };
  if (status === 413) return { type: 'end', as: 'incomplete_handoff', why };
  return { type: 'end', as: 'provider_down', why };
}

/** Does what one turn says. False when the conversation is over. */
function play({ text, tools = [] }: Turn): boolean {
  if (text !== undefined) tell({ type: 'text', text });
  for (const { name, input } of tools) {
    if (name === 'report') {
      tell({ type: 'end', ...input });
      return false;
    }
    if (name === 'run') {
      tell({ type: 'command', command: input.command });
      const output = execFileSync('/bin/sh', ['-c', input.command ?? ''], { stdio: ['ignore', 'pipe', 'inherit'] });
      tell({ type: 'tool_result', text: output.toString() });
    } else {
      writeFileSync(input.file ?? '', input.content ?? '');
      tell({ type: 'file_change', file: input.file });
    }
  }
  return tools.length > 0;
}

readFileSync(0);
tell({ type: 'session', id: session });
for (;;) {
  const turn = existsSync(memory) ? readFileSync(memory, 'utf8').split('\n').length - 1 : 0;
  const answer = await next(turn);
  if ('type' in answer) {
    tell(answer);
    break;
  }
  appendFileSync(memory, '\n');
  tell({ type: 'usage', usd: 0.004, tokens: 1100 });
  if ('refused' in answer) {
    tell({ type: 'end', as: 'refused', why: 'the server refuses the task' });
    break;
  }
  if (!play(answer)) break;
}

import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import type { Anthropic } from '@anthropic-ai/sdk';
import type { Spending } from '../../../domain/budget.ts';

type Message = Anthropic.Beta.BetaMessageParam;
type Block = Anthropic.Beta.BetaContentBlockParam;

/** A request that was answered: what it said and what it cost. Money in USD. */
export interface Reply {
  readonly id: string;
  readonly content: Anthropic.Beta.BetaMessage['content'];
  readonly usd: number;
  readonly tokens: number;
}

/** One line of a journal: what was asked, what the model replied, what a tool gave. */
export type Entry =
  | { readonly prompt: string }
  | { readonly reply: Reply }
  | { readonly result: Anthropic.Beta.BetaToolResultBlockParam };

const CUT_OFF =
  'The session was cut off while this call ran. It may have had an effect already: look before you repeat it.';

/** Reads a journal of JSON lines; a last line that was cut off is taken away. Nothing when there is none. */
export function readJournal(file: string): readonly Entry[] | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
  if (whole.length < bytes.length) truncateSync(file, whole.length);
  const lines = whole.toString('utf8').split('\n');
  return lines.filter((line) => line !== '').map((line): Entry => JSON.parse(line));
}

export function removeJournal(file: string): void {
  rmSync(file, { force: true });
}

/** Adds one entry; it is in the file when this returns. */
export function writeEntry(file: string, entry: Entry): void {
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
}

/**
 * The conversation that a journal tells, ready to be sent: roles alternate, and every call of a tool has its result. One that was
 * cut off has a result that says so.
 */
export function conversationOf(entries: readonly Entry[]): Message[] {
  const messages: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  const open = new Set<string>();
  const add = (role: 'user' | 'assistant', blocks: readonly Block[]): void => {
    const last = messages.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) messages.push({ role, content: [...blocks] });
  };
  for (const entry of entries)
    if ('result' in entry) {
      open.delete(entry.result.tool_use_id);
      add('user', [entry.result]);
    } else if ('reply' in entry) {
      for (const block of entry.reply.content) if (block.type === 'tool_use') open.add(block.id);
      // A block of a reply is a block of a request as well.
      add('assistant', entry.reply.content);
    } else {
      add('user', [...open].map(cutOff));
      open.clear();
      add('user', [{ type: 'text', text: entry.prompt }]);
    }
  return messages;
}

function cutOff(id: string): Anthropic.Beta.BetaToolResultBlockParam {
  return { type: 'tool_result', tool_use_id: id, is_error: true, content: CUT_OFF };
}

/** What the requests of a journal came to. */
export function spentOf(entries: readonly Entry[]): Spending & { readonly turns: number } {
  const replies = entries.flatMap((entry) => ('reply' in entry ? [entry.reply] : []));
  return {
    usd: replies.reduce((sum, { usd }) => sum + usd, 0),
    tokens: replies.reduce((sum, { tokens }) => sum + tokens, 0),
    turns: replies.length,
  };
}

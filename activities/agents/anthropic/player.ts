import { readFileSync } from 'node:fs';
import type { Anthropic } from '@anthropic-ai/sdk';
import type { BetaToolRunnerParams } from '@anthropic-ai/sdk/lib/tools/BetaToolRunner';
import type { Role } from '../../../domain/roles.ts';
import { heartbeat } from '../heartbeat.ts';
import { costOf, PRICES, priceOf } from '../prices.ts';
import { reportedEnding } from '../report.ts';
import { endEvent } from '../shared-events.ts';
import type { EndEvent } from '../shared-events.ts';
import type { ToolFiles } from '../tools/files.ts';
import type { Inspectable } from '../tools/inspect.ts';
import { ended, endOfError, endOfReply } from './ending.ts';
import { conversationOf, readJournal, removeJournal, spentOf, writeEntry } from './journal.ts';
import type { Entry, Reply } from './journal.ts';
import { messagesOf } from './provider.ts';
import type { Provider } from './provider.ts';
import { blockEvents, callEvent, resultEvent } from './told.ts';
import { REPORT, toolsOf } from './tools.ts';
import type { Observer } from './tools.ts';

/** What the adapter hands to the player on its standard input. Paths are absolute, money in USD, prices for a million tokens. */
export interface Part {
  readonly sessionId: string;
  readonly role: Role;
  readonly files: ToolFiles;
  readonly inspectable?: Inspectable | undefined;
  /** JSON lines: the session so far. */
  readonly journal: string;
  readonly prompt: string;
  /** True: the journal's conversation goes on. */
  readonly resume: boolean;
  readonly directory: string;
  readonly provider: Provider;
  readonly gateway: boolean;
  readonly model: string;
  readonly maxTokens: number;
  readonly effort: string | undefined;
  /** The persona's, told beside the prompt. */
  readonly instructions: string | undefined;
  /** Tokens of a reply to think with, beside `maxTokens`; 0 for none. */
  readonly thinkingTokens: number | undefined;
  /** The only tools, by the names that personas use. */
  readonly tools: readonly string[] | undefined;
  /** Whether there are tools that edit files. */
  readonly edits: boolean;
  readonly prices: Readonly<Record<string, string>>;
  readonly limits: { readonly turns: number; readonly usd: number; readonly tokens: number | undefined };
  readonly shell: { readonly seconds: number; readonly environment: Readonly<Record<string, string | null>> };
}

const SYSTEM =
  'You are a software engineer who works alone on a task, without a person to ask. Work in the current folder with your tools; relative paths start there. You neither commit nor push. When you have finished, or cannot, call "report": it ends the session.';

const emit = (event: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

/** The session so far, in memory and on disk. */
interface Notes {
  readonly entries: readonly Entry[];
  add(entry: Entry): void;
}

/** Plays one call of a session. The ending; nothing when the model stopped without a report. */
async function play(part: Part): Promise<EndEvent | undefined> {
  emit({ type: 'session', id: part.sessionId, model: part.model });
  if (!part.resume) removeJournal(part.journal);
  const notes = notesIn(part.journal);
  if (part.resume && notes.entries.length === 0) return ended('no_session', 'the session has left no journal');
  const last = notes.entries.findLast((entry) => 'reply' in entry);
  // It may have been written down and not been told; told twice, it is counted once.
  if (last !== undefined) emit(usageEvent(last.reply));
  else if (priceOf(part.model, part.prices) === undefined)
    emit({
      type: 'output',
      text: `no price of ${part.model} is known (table of ${PRICES.asOf}): its cost is unknown to it`,
    });
  const reported = last === undefined ? undefined : reportIn(last.reply, part.role);
  if (part.resume && reported !== undefined) return reported;
  notes.add({ prompt: part.prompt });
  return limitPassed(notes.entries, part.limits) ?? converse(part, notes);
}

/** The report in a reply after which the session was cut off before it could end. */
function reportIn({ content }: Reply, role: Role): EndEvent | undefined {
  const call = content.findLast((block) => block.type === 'tool_use' && block.name === REPORT);
  return call?.type === 'tool_use' ? endEvent(reportedEnding(call.input, { text: '', role })) : undefined;
}

function notesIn(journal: string): Notes {
  const entries = [...(readJournal(journal) ?? [])];
  return {
    entries,
    add(entry) {
      writeEntry(journal, entry);
      entries.push(entry);
    },
  };
}

async function converse(part: Part, notes: Notes): Promise<EndEvent | undefined> {
  let reported: EndEvent | undefined;
  const alive = heartbeat();
  const shell = { ...part.shell, directory: part.directory, onOutput: alive };
  const { role, files, inspectable, edits } = part;
  const onReport = (report: unknown): void => {
    reported = endEvent(reportedEnding(report, { text: '', role }));
  };
  const tools = toolsOf({ role, shell, files, inspectable, edits, only: part.tools, onReport }, observerOf(notes));
  const client = await messagesOf(part.provider, part.gateway);
  const messages = conversationOf(notes.entries);
  const runner = client.toolRunner({ ...requestOf(part), messages, tools, stream: true });
  for await (const stream of runner) {
    stream.on('streamEvent', alive);
    const message = await stream.finalMessage();
    noteReply(message, part, notes);
    const stopped = endOfReply(message.stop_reason);
    if (stopped !== undefined) return stopped;
    noteMissing(await runner.generateToolResponse(), notes);
    const goesOn = message.stop_reason === 'tool_use' || message.stop_reason === 'pause_turn';
    const ending = reported ?? (goesOn ? limitPassed(notes.entries, part.limits) : undefined);
    if (ending !== undefined) return ending;
  }
  return undefined;
}

function observerOf(notes: Notes): Observer {
  return {
    before: (call) => emit(callEvent(call)),
    after({ id }, { content, isError }) {
      notes.add({ result: { type: 'tool_result', tool_use_id: id, content, ...(isError ? { is_error: true } : {}) } });
      emit(resultEvent(id, isError, content));
    },
  };
}

function requestOf(part: Part): Omit<BetaToolRunnerParams, 'messages' | 'tools'> {
  const cached = { cache_control: { type: 'ephemeral' as const } };
  return {
    model: part.model,
    max_tokens: part.maxTokens + (part.thinkingTokens ?? 0),
    system: [{ type: 'text', text: systemOf(part), ...cached }],
    // Clouds take marks on blocks only.
    ...(part.provider === 'anthropic' ? cached : {}),
    ...(part.effort === undefined ? {} : { output_config: { effort: part.effort as 'low' } }),
    ...thinkingOf(part),
    thread: false,
  };
}

function systemOf({ instructions }: Part): string {
  return instructions === undefined ? SYSTEM : `${SYSTEM}\n\n${instructions}`;
}

function thinkingOf({ thinkingTokens: tokens }: Part): Pick<BetaToolRunnerParams, 'thinking'> {
  if (tokens === undefined) return {};
  return { thinking: tokens === 0 ? { type: 'disabled' } : { type: 'enabled', budget_tokens: tokens } };
}

function noteReply(message: Anthropic.Beta.BetaMessage, part: Part, notes: Notes): void {
  const reply = replyOf(message, part);
  notes.add({ reply });
  for (const event of blockEvents(message.content)) emit(event);
  emit(usageEvent(reply));
}

/** Results of calls that no tool of ours has seen, such as one of an unknown tool. */
function noteMissing(answer: Anthropic.Beta.BetaMessageParam | null, { entries, add }: Notes): void {
  const noted = new Set(entries.flatMap((entry) => ('result' in entry ? [entry.result.tool_use_id] : [])));
  for (const block of Array.isArray(answer?.content) ? answer.content : [])
    if (block.type === 'tool_result' && !noted.has(block.tool_use_id)) add({ result: block });
}

function replyOf({ id, content, usage, model }: Anthropic.Beta.BetaMessage, part: Part): Reply {
  const tokens = {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    cacheWrite: usage.cache_creation_input_tokens ?? 0,
  };
  const price = priceOf(model, part.prices) ?? priceOf(part.model, part.prices);
  const usd = price === undefined ? 0 : costOf(tokens, price);
  return { id, content, usd, tokens: tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite };
}

function usageEvent({ id, usd, tokens }: Reply): Readonly<Record<string, unknown>> {
  return { type: 'usage', id, usd, tokens, turns: 1 };
}

function limitPassed(entries: readonly Entry[], limits: Part['limits']): EndEvent | undefined {
  const { usd, tokens, turns } = spentOf(entries);
  if (usd >= limits.usd || tokens >= (limits.tokens ?? Infinity))
    return ended('budget_exhausted', 'the session spent its budget');
  return turns >= limits.turns ? ended('incomplete_handoff', 'the session reached its turn limit') : undefined;
}

const part: Part = JSON.parse(readFileSync(0, 'utf8'));
const end = await play(part).catch((error: unknown) => endOfError(error, Date.now()));
if (end !== undefined) emit({ type: 'end', ...end });
// Commands that run in the background hold pipes of this process.
process.exit(0);

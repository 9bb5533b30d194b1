import { z } from 'zod';
import { addUsage } from '../../domain/prices.ts';
import { oneLine } from '../../domain/text.ts';
import type { JobEnd } from '../process/supervise.ts';
import { AGENT_ENDS, CORDS } from '../../domain/agent.ts';
import { pulled } from './tools/cords.ts';
import { claim } from './report.ts';
import { SPENT, endedByTimer, endedWithoutResult } from './conversation.ts';
import type { CallReader, Dialect, Ending, Spent } from './conversation.ts';
import type { AgentTask } from './index.ts';
import type { AgentEvent } from './lines.ts';

// Only we cancel a session.
const ends = z.enum([...AGENT_ENDS, 'no_session']).exclude(['cancelled']);

/** Events of a session that has asked its model for something, and what tells what that has cost. */
const WORK = new Set<unknown>(['text', 'reasoning', 'tool', 'command', 'file_change']);
const FIGURES = ['usd', 'tokens', 'input', 'output'];

// A program may tidy up this long after its `end` event.
const LINGER_MS = 2000;

const amount = z.number().nonnegative().catch(0);
const line = z.string().catch('');
const end = z.object({ as: ends, why: line, summary: line, until: z.number().optional().catch(undefined) }).extend({
  cord: z.enum(CORDS).optional().catch(undefined),
  hypotheses: z.array(claim).optional().catch(undefined),
});
const usage = z
  .object({ usd: amount, tokens: amount, turns: amount.default(1), model: z.string().optional().catch(undefined) })
  .extend({ input: amount.optional(), output: amount.optional(), cached: amount.optional() });

/** How a program ends its session by an `end` event. `no_session`: the session it should go on with is unknown to it. */
export type EndEvent = z.input<typeof end>;

/** An ending by a report, as a program tells it; nothing when there was no report. */
export function endEvent({ end, why, summary, claims }: Ending): EndEvent | undefined {
  if (end === 'no_report' || end === 'cancelled') return undefined;
  const hypotheses = claims?.map((one) => ({ ...one, evidence: [...one.evidence] }));
  return { as: end, why, summary, hypotheses };
}

/** The dialect of programs that write the events of our transcripts themselves; only their command is missing. */
export function sharedEvents({ limits }: Pick<AgentTask, 'limits'>): Omit<Dialect, 'command'> {
  return { reader: (before) => reader(before, limits), translate: (event) => [event], activity };
}

function reader(before: Spent, limits: AgentTask['limits']): CallReader {
  let spent = before;
  let session: string | undefined;
  let worked = false;
  let told = false;
  let ending: { readonly told: Ending; readonly at: number } | undefined;
  const last = { said: '', error: '' };
  return {
    read(event) {
      worked ||= WORK.has(event['type']);
      told ||= event['type'] === 'usage' && FIGURES.some((name) => typeof event[name] === 'number');
      if (event['type'] === 'session' && typeof event['id'] === 'string') session = event['id'];
      else if (event['type'] === 'text') last.said = String(event['text']);
      else if (event['type'] === 'error') last.error = oneLine(String(event['message']), 400);
      else if (event['type'] === 'usage') spent = sum(spent, usageOf(event));
      else if (event['type'] === 'end') ending ??= { told: endOf(event, last.said), at: Date.now() };
    },
    spent: () => (before.untold === true || (worked && !told) ? { ...spent, untold: true } : spent),
    session: () => session,
    over: () => (ending === undefined ? passed(spent, limits) !== undefined : Date.now() - ending.at > LINGER_MS),
    ending: (job, stderr) =>
      ending?.told ?? passed(spent, limits) ?? endedByTimer(job) ?? unreported(job, { ...last, stderr }),
  };
}

function endOf(event: AgentEvent, said: string): Ending {
  const parsed = end.safeParse(event);
  if (!parsed.success)
    return { end: 'contract_violation', why: `"${String(event['as'])}" is no ending of a session`, summary: said };
  const { as, why, summary, until, cord, hypotheses: claims } = parsed.data;
  const ending: Ending = {
    end: as,
    why: as === 'done' ? '' : oneLine(why, 400),
    summary: summary || said,
    ...(until === undefined ? {} : { until }),
    ...(claims === undefined ? {} : { claims }),
  };
  return cord === undefined ? ending : pulled(ending, cord, why);
}

function unreported(
  job: JobEnd,
  last: { readonly said: string; readonly error: string; readonly stderr: string },
): Ending {
  if (last.error !== '') return { end: 'crashed', why: last.error, summary: last.said };
  if (job.code !== 0) return endedWithoutResult(job, last.stderr);
  return { end: 'no_report', why: 'the session ended without telling how', summary: last.said };
}

function passed(spent: Spent, limits: AgentTask['limits']): Ending | undefined {
  if (spent.usd > limits.usd || spent.tokens > (limits.tokens ?? Infinity)) return SPENT;
  if (spent.turns > limits.turns)
    return { end: 'incomplete_handoff', why: 'the session reached its turn limit', summary: '' };
  return undefined;
}

/** Tokens that are told apart need not be told as a sum, too. */
function usageOf(event: AgentEvent): Spent {
  const { usd, tokens, turns, model, input, output, cached = 0 } = usage.parse(event);
  if (input === undefined || output === undefined) return { usd, tokens, turns };
  const apart = { input, output, cached, ...(model === undefined ? {} : { model }) };
  return { usd, tokens: tokens || input + output + cached, usage: apart, turns };
}

function sum(a: Spent, b: Spent): Spent {
  const usage = a.usage === undefined || b.usage === undefined ? (b.usage ?? a.usage) : addUsage(a.usage, b.usage);
  const sums = { usd: a.usd + b.usd, tokens: a.tokens + b.tokens, turns: a.turns + b.turns };
  return usage === undefined ? sums : { ...sums, usage };
}

function activity(event: AgentEvent): string | undefined {
  if (event['type'] === 'text') return oneLine(String(event['text']));
  if (event['type'] === 'command') return oneLine(`$ ${String(event['command'])}`);
  if (event['type'] === 'file_change') return oneLine(`editing ${String(event['file'])}`);
  return event['type'] === 'tool' ? oneLine(String(event['tool'])) : undefined;
}

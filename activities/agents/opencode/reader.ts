import { addUsage } from '../../../domain/prices.ts';
import type { Usage } from '../../../domain/prices.ts';
import type { CallReader, Spent } from '../conversation.ts';
import { fields, number, text } from '../fields.ts';
import type { AgentTask } from '../index.ts';
import type { AgentEvent } from '../lines.ts';
import { endingOf } from './ending.ts';
import type { Failure, Told } from './ending.ts';
import { messageOf } from './events.ts';
import { REPORT_TOOL } from './home.ts';

/** The CLI would try for ever; more than one failure is for the run to wait out, and so is a long wait. */
const MAX_ATTEMPTS = 2;
const MAX_WAIT_MS = 60_000;
/** The CLI would ask again at once and without end. */
const UNFINISHED: Failure = { name: '', message: 'its answer has no end', status: undefined, until: undefined };
const NO_USAGE: Usage = { input: 0, output: 0, cached: 0 };
const NOTHING: Told = { report: undefined, message: '', failure: undefined, finished: false };

/** Follows one call. `earlier` tells what the session's calls before it have spent. */
export function reader({ limits, role }: AgentTask, earlier: Spent, keep: (spent: Spent) => void): CallReader {
  const steps = new Map<string, Step>();
  let told = NOTHING;
  let session: string | undefined;
  let givenUp = false;
  let unfinished = 0;
  const spent = (before: Spent): Spent => {
    const list = [...steps.values()];
    return {
      usd: list.reduce((sum, { usd }) => sum + usd, before.usd),
      tokens: list.reduce((sum, { tokens }) => sum + tokens, before.tokens),
      usage: list.reduce((sum, { usage }) => addUsage(sum, usage), before.usage ?? NO_USAGE),
      turns: before.turns + list.length,
    };
  };
  const passed = (): 'turns' | 'usd' | undefined => {
    const { usd, tokens, turns } = spent(earlier);
    if (turns > limits.turns) return 'turns';
    return usd > limits.usd || tokens > (limits.tokens ?? Infinity) ? 'usd' : undefined;
  };
  return {
    read(event) {
      if (event['type'] === 'usage') steps.set(text(event['id']), stepOf(event));
      session ??= text(event['session_id']) || text(event['sessionID']) || undefined;
      told = after(told, event);
      if (told.failure === UNFINISHED && event['type'] === 'step_finish') unfinished += 1;
      givenUp ||= unfinished >= MAX_ATTEMPTS || (event['type'] === 'retry' && hopeless(event));
    },
    over: () => givenUp || passed() !== undefined,
    ending: (job, stderr) => endingOf(job, { told, passed: passed(), stderr, role }),
    session: () => session,
    spent(before) {
      const all = spent(before);
      keep(all);
      return all;
    },
  };
}

interface Step {
  readonly usd: number;
  readonly tokens: number;
  readonly usage: Usage;
}

/** What is written to a cache costs about as much as what is not; thinking is paid as output. */
function stepOf(event: AgentEvent): Step {
  const tokens = fields(event['tokens']);
  const cache = fields(tokens['cache']);
  const usage = {
    input: number(tokens['input']) + number(cache['write']),
    output: number(tokens['output']) + number(tokens['reasoning']),
    cached: number(cache['read']),
  };
  return { usd: number(event['usd']), tokens: number(tokens['total']), usage };
}

function hopeless(event: AgentEvent): boolean {
  return number(event['attempt']) >= MAX_ATTEMPTS || number(event['next']) - Date.now() > MAX_WAIT_MS;
}

function after(told: Told, event: AgentEvent): Told {
  const part = fields(event['part']);
  switch (event['type']) {
    case 'text':
      return { ...told, message: text(part['text']) };
    case 'tool_use':
      return part['tool'] === REPORT_TOOL ? { ...told, report: fields(part['state'])['input'] } : told;
    case 'step_finish':
      if (part['reason'] === 'unknown') return { ...told, failure: UNFINISHED };
      return { ...told, failure: undefined, finished: part['reason'] !== 'tool-calls' };
    case 'request_failed':
      return { ...told, failure: { ...requestFailure(event), until: undefined } };
    case 'retry':
      return { ...told, failure: retried(told.failure, event) };
    case 'error':
      return { ...told, failure: sessionFailure(event) };
    default:
      return told;
  }
}

function requestFailure(event: AgentEvent): Failure {
  const status = number(event['status']) || undefined;
  return { name: '', message: `status ${status ?? 'unknown'}`, status, until: undefined };
}

/** The time of the next try is the provider's word only where it answered, and is far away. */
function retried(failure: Failure | undefined, event: AgentEvent): Failure {
  const next = number(event['next']);
  const far = next - Date.now() > MAX_WAIT_MS;
  return {
    ...{ name: '', message: text(event['text']), status: failure?.status },
    until: failure?.status !== undefined && far ? next : undefined,
  };
}

function sessionFailure(event: AgentEvent): Failure {
  const error = fields(event['error']);
  const status = number(fields(error['data'])['statusCode']) || undefined;
  return { name: text(error['name']), message: messageOf(event), status, until: undefined };
}

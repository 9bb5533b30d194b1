import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { client, methods, ndJsonStream, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk';
import type { ClientContext, InitializeResponse, SessionConfigOption, SessionUpdate } from '@agentclientprotocol/sdk';
import type { Role } from '../../../domain/roles.ts';
import { SERVER } from '../tools/index.ts';
import { fields, number } from '../fields.ts';
import { heartbeat } from '../heartbeat.ts';
import type { EndEvent } from '../shared-events.ts';
import { ended, endOfError, endOfPrompt } from './ending.ts';
import { answerTo } from './permission.ts';
import { updatesTo } from './updates.ts';
import type { Updates } from './updates.ts';

/** What the adapter hands to the player on its standard input. Paths are absolute. */
export interface Part {
  /** The agent. */
  readonly file: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly role: Role;
  /** The MCP server that every session is offered. */
  readonly server: { readonly command: string; readonly args: readonly string[] };
  readonly prompt: string;
  /** The agent's own name of the session to go on with. */
  readonly resume: string | undefined;
  readonly model: string | undefined;
  readonly mode: string | undefined;
}

const emit = (event: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify(event)}\n`);
};

/** Plays one call of a session with an agent of its own. The ending; nothing when the agent stopped without a report. */
async function play(part: Part): Promise<EndEvent | undefined> {
  const agent = spawn(part.file, part.arguments, { cwd: part.directory, stdio: ['pipe', 'pipe', 'inherit'] });
  agent.once('error', (error) => {
    emit({ type: 'end', ...ended('crashed', `the agent does not start: ${error.message}`) });
    process.exit(1);
  });
  // What an agent that dies does not read any more.
  agent.stdin.on('error', () => undefined);
  const input = Writable.toWeb(agent.stdin);
  const output: ReadableStream<Uint8Array> = Readable.toWeb(agent.stdout);
  const live = listener();
  return client({ name: 'spec-to-pr' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => answerTo(params, part))
    .onNotification(methods.client.session.update, ({ params }) => live.take(params.sessionId, params.update))
    .connectWith(ndJsonStream(input, output), (context) => converse(context, part, live));
}

/** Hears the updates of a session, once it is told which one. What an agent tells of the past is not heard. */
interface Listener {
  take(sessionId: string, update: SessionUpdate): void;
  follow(sessionId: string): void;
  readonly updates: Updates;
}

function listener(): Listener {
  const alive = heartbeat();
  const updates = updatesTo(emit);
  let followed: string | undefined;
  return {
    updates,
    follow(sessionId) {
      followed = sessionId;
      emit({ type: 'session', id: sessionId });
    },
    take(sessionId, update) {
      alive();
      if (sessionId !== followed) return;
      updates.take(update);
      if (update.sessionUpdate === 'usage_update' && update.cost?.currency === 'USD')
        emit({ type: 'usage', session: sessionId, session_usd: update.cost.amount, usd: 0, turns: 0 });
    },
  };
}

async function converse(context: ClientContext, part: Part, live: Listener): Promise<EndEvent | undefined> {
  const offered = await context.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientCapabilities: {},
    clientInfo: { name: 'spec-to-pr', version: '1' },
  });
  if (offered.protocolVersion !== PROTOCOL_VERSION)
    return ended(
      'needs_human',
      `the agent speaks version ${offered.protocolVersion} of the protocol, not ${PROTOCOL_VERSION}`,
    );
  const session = await open(context, part, offered);
  if (session === undefined) return ended('no_session', 'the agent does not know the session any more');
  const { sessionId } = session;
  live.follow(sessionId);
  const refused = await configure(context, part, session);
  if (refused !== undefined) return refused;
  try {
    const answer = await context.request(methods.agent.session.prompt, {
      sessionId,
      prompt: [{ type: 'text', text: part.prompt }],
    });
    live.updates.flush();
    emit({ type: 'usage', ...tokensOf(answer), turns: 0 });
    return endOfPrompt(answer.stopReason, { message: live.updates.message(), role: part.role });
  } finally {
    live.updates.flush();
  }
}

interface Session {
  readonly sessionId: string;
  readonly configOptions?: SessionConfigOption[] | null;
}

/** A new session, or the one to go on with: without a replay where the agent can. Nothing when it cannot go on. */
async function open(context: ClientContext, part: Part, offered: InitializeResponse): Promise<Session | undefined> {
  const place = {
    cwd: part.directory,
    mcpServers: [{ name: SERVER, command: part.server.command, args: [...part.server.args], env: [] }],
  };
  const { resume: sessionId } = part;
  if (sessionId === undefined) return context.request(methods.agent.session.new, place);
  const { loadSession = false, sessionCapabilities } = offered.agentCapabilities ?? {};
  const again = sessionCapabilities?.resume ? methods.agent.session.resume : methods.agent.session.load;
  if (again === methods.agent.session.load && !loadSession) return undefined;
  try {
    return { sessionId, ...fields(await context.request(again, { ...place, sessionId })) };
  } catch (error) {
    if (endOfError(error).as === 'needs_human') throw error;
    return undefined;
  }
}

/** Sets the mode and the model; the ending where the agent does not have them. */
async function configure(
  context: ClientContext,
  { model, mode }: Part,
  { sessionId, configOptions }: Session,
): Promise<EndEvent | undefined> {
  const option = configOptions?.find(({ category }) => category === 'model');
  if (model !== undefined && option === undefined)
    return ended('needs_human', `the agent lets nobody choose its model, so not ${model} either`);
  try {
    if (mode !== undefined) await context.request(methods.agent.session.setMode, { sessionId, modeId: mode });
    if (model === undefined || option === undefined) return undefined;
    await context.request(methods.agent.session.setConfigOption, { sessionId, configId: option.id, value: model });
    return undefined;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const settings = [mode, model].filter((name) => name !== undefined).join(' and ');
    return ended('needs_human', `the agent does not take ${settings}: ${error.message}`);
  }
}

/** Agents may tell the tokens of a prompt beside its answer. */
function tokensOf(answer: object): Readonly<Record<string, number>> {
  const usage = fields(fields(answer)['usage']);
  if (Object.keys(usage).length === 0) return {};
  const tokens = number(usage['totalTokens']);
  if (typeof usage['inputTokens'] !== 'number' || typeof usage['outputTokens'] !== 'number') return { tokens };
  const input = usage['inputTokens'] + number(usage['cachedWriteTokens']);
  return { tokens, input, output: usage['outputTokens'], cached: number(usage['cachedReadTokens']) };
}

const part: Part = JSON.parse(readFileSync(0, 'utf8'));
const end = await play(part).catch(endOfError);
if (end !== undefined) emit({ type: 'end', ...end });
// The agent is still there.
process.exit(0);

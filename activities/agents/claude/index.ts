import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobCommand } from '../../process/job.ts';
import { SPENT, converse } from '../conversation.ts';
import type { Call, CallReader, Dialect, Spent } from '../conversation.ts';
import { executable } from '../executable.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import type { Login } from '../login.ts';
import { reportSchema } from '../report.ts';
import { endingOf } from './ending.ts';
import { activityOf, resetOf, resultOf, translate } from './events.ts';
import type { ClaudeResult } from './events.ts';
import { mcpConfig, personaArguments, personaVariables } from './persona.ts';
import { readRecord } from './record.ts';
import type { Recorded } from './record.ts';

/** The Claude Code CLI, found as `claude` on PATH or by the option `command`. */
export function claude(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      const file = await executable(task, config, { name: 'claude', hint: 'install Claude Code' });
      const home = await ownHome(task);
      const session = { settings: path.join(home, '.claude'), cut: false };
      const dialect: Dialect = {
        ...loginOf(home, config),
        command: (call) => commandOf({ task, file, home, config }, call),
        reader: (before) => reader(task, session, before),
        translate,
        activity: activityOf,
      };
      return converse(task, { dialect, config }, io);
    },
  };
}

interface Session {
  readonly settings: string;
  /** A call of it has ended without telling what it has spent. */
  cut: boolean;
}

function reader(task: AgentTask, session: Session, earlier: Spent): CallReader {
  const { settings } = session;
  const most = task.limits.tokens ?? Infinity;
  let result: ClaudeResult | undefined;
  let until: number | undefined;
  let recorded: Recorded | undefined;
  let fresh = false;
  return {
    read(event) {
      result = resultOf(event) ?? result;
      until = resetOf(event) ?? until;
      fresh ||= event['type'] === 'assistant' || event['type'] === 'user';
    },
    // The CLI knows no limit of tokens. It records each answer before it does what the answer says.
    async over() {
      if (fresh && most < Infinity) recorded = await readRecord(settings);
      fresh = false;
      return (recorded?.tokens ?? 0) > most;
    },
    spent(before) {
      if (recorded !== undefined) return onRecord(recorded, before, result);
      return result === undefined ? before : withResult(before, result);
    },
    session: () => task.sessionId,
    async ending(job, stderr) {
      session.cut ||= result === undefined;
      recorded = session.cut ? await readRecord(settings) : undefined;
      if (result === undefined && Math.max(earlier.tokens, recorded?.tokens ?? 0) > most) return SPENT;
      const ending = endingOf(job, { result, stderr, role: task.role });
      return ending.end === 'quota_parked' && until !== undefined ? { ...ending, until } : ending;
    },
  };
}

/** The CLI's cost is of the session so far, also after a resume; its tokens and turns are of the call. */
function withResult(before: Spent, { usd, tokens, turns }: ClaudeResult): Spent {
  return {
    usd: usd >= before.usd ? usd : before.usd + usd,
    tokens: before.tokens + tokens,
    turns: before.turns + turns,
  };
}

/** Of a session with a call that was cut off and told nothing: the record, which holds all of its calls, knows best. */
function onRecord({ tokens, usage, usd }: Recorded, before: Spent, result: ClaudeResult | undefined): Spent {
  const { usd: told = 0, tokens: counted = 0, turns = 0 } = result ?? {};
  return {
    usd: Math.max(usd ?? before.usd, told),
    tokens: Math.max(tokens, counted),
    usage,
    turns: before.turns + turns,
  };
}

interface Scene {
  readonly task: AgentTask;
  readonly file: string;
  readonly home: string;
  readonly config: AgentConfig;
}

function commandOf({ task, file, home, config }: Scene, call: Call): JobCommand {
  const { limits, model } = task;
  return {
    file,
    arguments: [
      ...['-p', '--output-format', 'stream-json', '--verbose'],
      ...personaArguments(task),
      ...['--strict-mcp-config', '--mcp-config', mcpFile(home)],
      ...['--max-turns', String(limits.turns), '--max-budget-usd', limits.usd.toFixed(4)],
      ...['--json-schema', reportSchema(task.role)],
      ...(model === undefined ? [] : ['--model', model]),
      ...(call.resume === undefined ? ['--session-id', task.sessionId] : ['--resume', call.resume]),
    ],
    cwd: task.directory,
    environment: {
      ...config.environment,
      HOME: home,
      CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
      CLAUDE_CODE_MAX_RETRIES: '2',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      DISABLE_TELEMETRY: '1',
      DISABLE_ERROR_REPORTING: '1',
      ...personaVariables(task),
    },
    input: call.prompt,
  };
}

const mcpFile = (home: string): string => path.join(home, 'mcp.json');

async function ownHome(task: AgentTask): Promise<string> {
  const home = path.join(task.jobDirectory, 'home');
  const settings = path.join(home, '.claude');
  await mkdir(settings, { recursive: true, mode: 0o700 });
  await writeFile(mcpFile(home), JSON.stringify(mcpConfig(task)), { mode: 0o600 });
  return home;
}

/** The user's login, where no key is set. */
function loginOf(home: string, { environment }: AgentConfig): { login?: Login } {
  if (environment['ANTHROPIC_API_KEY'] !== undefined) return {};
  const [from = '', to = ''] = [environment['HOME'] ?? '/nonexistent', home].map((folder) =>
    path.join(folder, '.claude', '.credentials.json'),
  );
  return { login: { from, to } };
}

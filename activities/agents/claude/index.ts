import { access, constants, cp, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../io.ts';
import { logOf } from '../../process/job.ts';
import type { JobCommand } from '../../process/job.ts';
import { supervise } from '../../process/supervise.ts';
import { AgentRejected } from '../errors.ts';
import type { Agent, AgentConfig, AgentReport, AgentTask } from '../index.ts';
import { follower } from '../lines.ts';
import { REPORT_SCHEMA, endingOf } from './ending.ts';
import type { Ending } from './ending.ts';
import { activityOf, resultOf, translate } from './events.ts';
import type { ClaudeResult } from './events.ts';

const MAX_CALLS = 4;
const GO_ON =
  'Your session was cut off. Look at the state of your folders and go on where you were; finish the task as described.';
const REPORT = 'Give your final report now, in the structured form that was asked for. Do no further work.';

/** The Claude Code CLI, found as `claude` on PATH or by the option `command`. */
export function claude(config: AgentConfig): Agent {
  return { run: (task, io) => converse(task, io, config) };
}

interface Call {
  readonly number: number;
  readonly prompt: string;
  readonly session: readonly string[];
}

/** One session in as many calls as it takes: a crash is resumed, a missing report asked for once. Calls that have ended are read, not repeated. */
async function converse(task: AgentTask, io: Io, config: AgentConfig): Promise<AgentReport> {
  const file = await executable(task, config);
  const home = await ownHome(task, config);
  const transcript = path.join(task.jobDirectory, 'transcript.jsonl');
  const spent = { usd: 0, tokens: 0, turns: 0 };
  let call: Call = { number: 1, prompt: task.prompt, session: ['--session-id', task.sessionId] };
  let asked = false;
  for (;;) {
    const { ending, result } = await makeCall({ task, file, home, config, transcript, call, spent }, io);
    if (result !== undefined) {
      spent.usd = result.usd >= spent.usd ? result.usd : spent.usd + result.usd;
      spent.tokens += result.tokens;
      spent.turns += result.turns;
    }
    const again = ending.end === 'crashed' ? GO_ON : ending.end === 'no_report' && !asked ? REPORT : undefined;
    asked ||= ending.end === 'no_report';
    if (again === undefined || call.number >= MAX_CALLS) {
      const end = ending.end === 'no_report' ? 'contract_violation' : ending.end;
      return { end, why: ending.why, summary: ending.summary, sessionId: task.sessionId, ...spent, transcript };
    }
    const unknown = /no conversation found/i.test(ending.why);
    const session = [unknown ? '--session-id' : '--resume', task.sessionId];
    call = { number: call.number + 1, prompt: unknown ? task.prompt : again, session };
  }
}

interface Scene {
  readonly task: AgentTask;
  readonly file: string;
  readonly home: string;
  readonly config: AgentConfig;
  readonly transcript: string;
  readonly call: Call;
  readonly spent: { readonly usd: number; readonly turns: number };
}

async function makeCall(scene: Scene, io: Io): Promise<{ ending: Ending; result: ClaudeResult | undefined }> {
  const { task, call, config, transcript, spent } = scene;
  const folder = path.join(task.jobDirectory, `call-${call.number}`);
  await mkdir(folder, { recursive: true });
  let result: ClaudeResult | undefined;
  let steps = 0;
  const follow = follower(
    { source: logOf(folder).stdout, transcript, append: call.number > 1, redact: config.redact, translate },
    (event) => {
      result = resultOf(event) ?? result;
      const activity = activityOf(event);
      if (activity !== undefined) io.progress(activity, { usd: spent.usd, turns: spent.turns + (steps += 1) });
    },
  );
  const { seconds, silenceSeconds } = task.limits;
  const job = await supervise(
    { folder, command: () => commandOf(scene), seconds, silenceSeconds, restartLost: false, poll: follow },
    io,
  );
  await follow();
  const stderr = await readFile(logOf(folder).stderr, 'utf8').catch(() => '');
  return { ending: endingOf(job, result, config.redact(stderr)), result };
}

function commandOf({ task, file, home, config, call }: Scene): JobCommand {
  const { limits, model } = task;
  return {
    file,
    arguments: [
      ...[
        '-p',
        '--output-format',
        'stream-json',
        '--verbose',
        '--permission-mode',
        'acceptEdits',
        '--allowedTools',
        'Bash',
      ],
      ...[
        '--max-turns',
        String(limits.turns),
        '--max-budget-usd',
        limits.usd.toFixed(2),
        '--json-schema',
        REPORT_SCHEMA,
      ],
      ...(model === undefined ? [] : ['--model', model]),
      ...call.session,
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
    },
    input: call.prompt,
  };
}

async function executable({ options }: AgentTask, { environment }: AgentConfig): Promise<string> {
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  const candidates =
    options['command'] === undefined
      ? folders.map((folder) => path.join(folder, 'claude'))
      : [path.resolve(options['command'])];
  for (const file of candidates) {
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  throw new AgentRejected(
    options['command'] === undefined
      ? 'the agent "claude" is not on PATH: install Claude Code'
      : `the agent's command ${options['command']} is not an executable file`,
  );
}

/** A HOME of the session's own, with the user's login when there is one and no key is set. */
async function ownHome({ jobDirectory }: AgentTask, { environment }: AgentConfig): Promise<string> {
  const home = path.join(jobDirectory, 'home');
  const settings = path.join(home, '.claude');
  await mkdir(settings, { recursive: true, mode: 0o700 });
  const login = path.join(environment['HOME'] ?? '/nonexistent', '.claude', '.credentials.json');
  if (environment['ANTHROPIC_API_KEY'] === undefined)
    await cp(login, path.join(settings, '.credentials.json')).catch(() => undefined);
  return home;
}

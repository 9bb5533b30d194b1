import { addUsage } from '../../../domain/prices.ts';
import type { Usage } from '../../../domain/prices.ts';
import type { JobCommand } from '../../process/job.ts';
import { converse } from '../conversation.ts';
import type { Call, CallReader, Dialect, Spent } from '../conversation.ts';
import { executable } from '../executable.ts';
import { fields, text } from '../fields.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import { endingOf } from './ending.ts';
import type { Told } from './ending.ts';
import { activityOf, isStep, translate } from './events.ts';
import { loginOf, ownHome, removeMountPoints } from './home.ts';
import type { CodexHome } from './home.ts';
import { readRollout } from './rollout.ts';
import { NO_USAGE, gained, larger, totalOf, usageOf } from './usage.ts';

/** The Codex CLI, found as `codex` on PATH or by the option `command`. It reports tokens and no cost. */
export function codex(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      const file = await executable(task, config, { name: 'codex', hint: 'install Codex' });
      const home = await ownHome(task, config);
      const counted = new Map<string, Usage>();
      const dialect: Dialect = {
        ...loginOf(home, config),
        command: (call) => commandOf({ task, file, home, config }, call),
        reader: (before) => reader(task, { home, counted, before }),
        translate,
        activity: activityOf,
      };
      return converse(task, { dialect, config }, io);
    },
  };
}

/** `counted` holds the tokens of each session that are in the sum already: the CLI tells those of the session so far. */
function reader(
  { directory, limits, role }: AgentTask,
  { home, counted, before: earlier }: { home: CodexHome; counted: Map<string, Usage>; before: Spent },
): CallReader {
  const { codexHome } = home;
  let told: Told = { turn: 'open', message: '', error: '' };
  let session: string | undefined;
  let usage = NO_USAGE;
  let turns = 0;
  let fresh = false;
  const tokens = (): number => earlier.tokens + totalOf(gained(counted.get(session ?? '') ?? NO_USAGE, usage));
  const passed = (): 'turns' | 'tokens' | undefined => {
    if (turns > limits.turns) return 'turns';
    return tokens() > (limits.tokens ?? Infinity) ? 'tokens' : undefined;
  };
  return {
    read(event) {
      if (event['type'] === 'thread.started') session = text(event['thread_id']);
      if (event['type'] === 'turn.completed') usage = usageOf(fields(event['usage']));
      if (isStep(event)) turns += 1;
      told = after(told, event);
      fresh = true;
    },
    // The CLI knows no limits; its events tell tokens at the end of a turn only, its record after each answer.
    async over() {
      if (fresh) usage = larger(usage, (await readRollout(codexHome, session ?? '-')).usage);
      fresh = false;
      return passed() !== undefined;
    },
    async ending(job, stderr) {
      await removeMountPoints(directory);
      const rollout = await readRollout(codexHome, session ?? '-');
      usage = larger(usage, rollout.usage);
      return endingOf(job, { told, rollout, stderr, role, passed: passed() });
    },
    session: () => session,
    spent(before) {
      const known = counted.get(session ?? '') ?? NO_USAGE;
      counted.set(session ?? '', larger(known, usage));
      const more = addUsage(before.usage ?? NO_USAGE, gained(known, usage));
      return { usd: before.usd, tokens: totalOf(more), usage: more, turns: before.turns + turns };
    },
  };
}

function after(told: Told, event: Readonly<Record<string, unknown>>): Told {
  const item = fields(event['item']);
  if (event['type'] === 'turn.started') return { ...told, turn: 'open' };
  if (event['type'] === 'turn.completed') return { ...told, turn: 'completed' };
  if (event['type'] === 'turn.failed')
    return { ...told, turn: 'failed', error: text(fields(event['error'])['message']) };
  if (event['type'] === 'error') return { ...told, error: text(event['message']) };
  if (event['type'] === 'item.completed' && item['type'] === 'agent_message')
    return { ...told, message: text(item['text']) };
  return told;
}

interface Scene {
  readonly task: AgentTask;
  readonly file: string;
  readonly home: CodexHome;
  readonly config: AgentConfig;
}

function commandOf({ task, file, home, config }: Scene, call: Call): JobCommand {
  return {
    file,
    arguments: [
      ...(call.resume === undefined ? ['exec'] : ['exec', 'resume']),
      ...['--json', '--skip-git-repo-check', '--output-schema', home.schema],
      ...(call.resume === undefined ? ['-'] : [call.resume, '-']),
    ],
    cwd: task.directory,
    environment: { ...config.environment, HOME: home.home, CODEX_HOME: home.codexHome, TMPDIR: home.temporary },
    input: call.prompt,
  };
}

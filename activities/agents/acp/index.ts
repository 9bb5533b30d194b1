import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCommandString } from 'execa';
import type { JobCommand } from '../../process/job.ts';
import type { Role } from '../../../domain/roles.ts';
import { toolServer } from '../tools/index.ts';
import { converse } from '../conversation.ts';
import type { Call, Dialect } from '../conversation.ts';
import { AgentRejected } from '../errors.ts';
import { executable } from '../executable.ts';
import { number } from '../fields.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import type { AgentEvent } from '../lines.ts';
import { withSpokenPersona } from '../persona.ts';
import { reportSchema } from '../report.ts';
import { sharedEvents } from '../shared-events.ts';
import type { Part } from './player.ts';

const PLAYER = fileURLToPath(new URL(`./player${path.extname(import.meta.url)}`, import.meta.url));
const STEPS = new Set<unknown>(['command', 'file_change', 'tool']);

const formOf = (role: Role): string =>
  `\n\nYour very last message must be a JSON object of this form, and nothing after it:\n${reportSchema(role)}`;

/** Any agent that speaks the Agent Client Protocol on its standard input and output, named by the option `command`. */
export function acp(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      if (task.options['command'] === undefined)
        throw new AgentRejected('the agent "acp" needs "command", the agent to run');
      const file = await executable(task, config, { name: 'acp', hint: 'name the agent' });
      const home = task.options['home'] ?? path.join(task.jobDirectory, 'home');
      await mkdir(home, { recursive: true, mode: 0o700 });
      const dialect: Dialect = { ...counted(task), command: (call) => commandOf({ task, file, home, config }, call) };
      return converse(withSpokenPersona(task), { dialect, config }, io);
    },
  };
}

/** The shared events; a call of a tool is a turn, and a cost that an agent tells of its session so far becomes what was added. */
function counted(task: AgentTask): Omit<Dialect, 'command'> {
  const shared = sharedEvents(task);
  const [added, told] = [difference(), difference()];
  return {
    ...shared,
    translate: (event) => shared.translate(told(event)),
    reader(before) {
      const reader = shared.reader(before);
      return {
        ...reader,
        read(event) {
          if (STEPS.has(event['type'])) reader.read({ type: 'usage', turns: 1 });
          reader.read(added(event));
        },
      };
    },
  };
}

function difference(): (event: AgentEvent) => AgentEvent {
  const known = new Map<unknown, number>();
  return (event) => {
    if (event['session_usd'] === undefined) return event;
    const [before, now] = [known.get(event['session']) ?? 0, number(event['session_usd'])];
    known.set(event['session'], now);
    // An agent that was started anew may count from nothing.
    return { ...event, usd: now < before ? now : now - before };
  };
}

interface Scene {
  readonly task: AgentTask;
  readonly file: string;
  readonly home: string;
  readonly config: AgentConfig;
}

function commandOf({ task, file, home, config }: Scene, call: Call): JobCommand {
  const part: Part = {
    file,
    arguments: parseCommandString(task.options['arguments'] ?? ''),
    directory: task.directory,
    role: task.role,
    server: toolServer(task),
    prompt: call.prompt + formOf(task.role),
    resume: call.resume,
    model: task.model,
    mode: task.options['mode'],
  };
  return {
    file: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', PLAYER],
    cwd: task.directory,
    environment: {
      ...config.environment,
      HOME: home,
      // For Claude behind the protocol: retries are the run's.
      CLAUDE_CODE_MAX_RETRIES: '2',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    input: JSON.stringify(part),
    reads: [file],
  };
}

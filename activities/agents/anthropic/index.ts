import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobCommand } from '../../process/job.ts';
import { toolFiles } from '../tools/files.ts';
import { converse } from '../conversation.ts';
import type { Call, Dialect } from '../conversation.ts';
import { AgentRejected } from '../errors.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import type { AgentEvent } from '../lines.ts';
import { withoutEdits } from '../persona.ts';
import { sharedEvents } from '../shared-events.ts';
import type { Part } from './player.ts';
import { providers } from './provider.ts';

const PLAYER = fileURLToPath(new URL(`./player${path.extname(import.meta.url)}`, import.meta.url));
const MODEL = 'claude-sonnet-5-5';
const PROVIDER_VARIABLE =
  /^(ANTHROPIC_|CLAUDE_|OPENAI_|CODEX_|AWS_|GOOGLE_|GCLOUD_|CLOUD_|CLOUDSDK_)|TOKEN|SECRET|PASSW|KEY|CREDENTIAL/i;

/** Our own agent on the Messages API: no CLI to install. Its provider by the option `provider`: anthropic, vertex, bedrock. */
export function anthropic(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      const home = path.join(task.jobDirectory, 'home');
      await mkdir(home, { recursive: true, mode: 0o700 });
      const setting = settingOf(task, config, home);
      const dialect: Dialect = { ...countedOnce(task), command: (call) => commandOf(setting, call, config) };
      return converse(task, { dialect, config }, io);
    },
  };
}

/** The shared events; a usage that is told again after a resume counts once. The player itself keeps to the limits. */
function countedOnce(task: AgentTask): Omit<Dialect, 'command'> {
  const shared = sharedEvents(task);
  const [counted, told] = [new Set<unknown>(), new Set<unknown>()];
  const first = (event: AgentEvent, seen: Set<unknown>): boolean => {
    if (event['type'] !== 'usage') return true;
    if (seen.has(event['id'])) return false;
    seen.add(event['id']);
    return true;
  };
  return {
    ...shared,
    translate: (event) => (first(event, told) ? shared.translate(event) : []),
    reader(before) {
      const reader = shared.reader(before);
      return {
        ...reader,
        read: (event) => {
          if (first(event, counted)) reader.read(event);
        },
        over: () => false,
      };
    },
  };
}

type Setting = Omit<Part, 'prompt' | 'resume'>;

function settingOf(task: AgentTask, { environment }: AgentConfig, home: string): Setting {
  const { options, limits } = task;
  const provider = providers.find((name) => name === (options['provider'] ?? 'anthropic'));
  if (provider === undefined)
    throw new AgentRejected(
      `the agent "anthropic" knows no provider "${options['provider']}", but: ${providers.join(', ')}`,
    );
  const model = task.model ?? (provider === 'anthropic' ? MODEL : undefined);
  if (model === undefined) throw new AgentRejected(`the agent "anthropic" needs "model", its name at ${provider}`);
  const hidden = Object.keys(environment).filter((name) => PROVIDER_VARIABLE.test(name));
  return {
    ...{ sessionId: task.sessionId, role: task.role, directory: task.directory, provider, model },
    files: toolFiles(task.jobDirectory),
    inspectable: task.inspect,
    journal: path.join(home, 'journal.jsonl'),
    gateway: environment[`CLAUDE_CODE_SKIP_${provider.toUpperCase()}_AUTH`] === '1',
    maxTokens: positive(options, 'max_tokens', 32_000),
    effort: task.persona?.effort ?? options['effort'],
    instructions: task.persona?.instructions,
    thinkingTokens: task.persona?.thinkingTokens,
    tools: task.persona?.tools,
    edits: !withoutEdits(task),
    prices: pricesOf(options),
    limits: { turns: limits.turns, usd: limits.usd, tokens: limits.tokens },
    shell: {
      seconds: positive(options, 'command_seconds', 600),
      environment: { ...Object.fromEntries(hidden.map((name) => [name, null])), HOME: home },
    },
  };
}

function pricesOf(options: AgentTask['options']): Readonly<Record<string, string>> {
  const names = ['input_price', 'output_price'].filter((name) => options[name] !== undefined);
  if (names.length === 1)
    throw new AgentRejected('"input_price" and "output_price" (USD for a million tokens) go together');
  for (const name of names)
    if (!(Number(options[name]) >= 0)) throw new AgentRejected(`"${name}" is no price: ${options[name]}`);
  return Object.fromEntries(names.map((name) => [name, options[name] ?? '']));
}

function positive(options: AgentTask['options'], name: string, fallback: number): number {
  const value = Number(options[name] ?? fallback);
  if (!(value > 0)) throw new AgentRejected(`"${name}" is no positive number: ${options[name]}`);
  return value;
}

function commandOf(setting: Setting, call: Call, { environment }: AgentConfig): JobCommand {
  const part: Part = { ...setting, prompt: call.prompt, resume: call.resume !== undefined };
  return {
    file: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', PLAYER],
    cwd: setting.directory,
    environment: { ...environment, HOME: path.dirname(setting.journal) },
    input: JSON.stringify(part),
  };
}

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AgentRejected } from '../errors.ts';
import type { AgentConfig, AgentTask } from '../index.ts';
import { withoutEdits } from '../persona.ts';
import type { Login } from '../login.ts';
import { strictReportSchema } from '../report.ts';
import { SERVER, toolServer } from '../tools/index.ts';
import type { PluginOptions } from './plugin.ts';

/** The tool by which the agent gives its report. */
export const REPORT_TOOL = 'report';

const PLUGIN = new URL(`./plugin${path.extname(import.meta.url)}`, import.meta.url).href;
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|API_KEY)/;
const MODEL = 'custom/';

/** Makes a HOME with folders and a configuration of its own, and gives the variables that point there. */
export async function ownHome(
  task: AgentTask,
  { environment }: AgentConfig,
): Promise<Readonly<Record<string, string>>> {
  const home = path.join(task.jobDirectory, 'home');
  const folders = {
    XDG_DATA_HOME: path.join(home, '.local', 'share'),
    XDG_STATE_HOME: path.join(home, '.local', 'state'),
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_CACHE_HOME: path.join(home, '.cache'),
  };
  const data = path.join(folders.XDG_DATA_HOME, 'opencode');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await declineInstall(path.join(folders.XDG_CONFIG_HOME, 'opencode'));
  const configuration = path.join(home, 'opencode.json');
  if (task.persona !== undefined) await writeFile(personaText(task), task.persona.instructions);
  await writeFile(configuration, JSON.stringify(configurationOf(task, environment)));
  return {
    HOME: home,
    ...folders,
    OPENCODE_CONFIG: configuration,
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    ...(task.options['repository_config'] === 'true' ? {} : { OPENCODE_DISABLE_PROJECT_CONFIG: '1' }),
  };
}

/** The user's login of the CLI. */
export function loginOf({ jobDirectory }: AgentTask, { environment }: AgentConfig): Login {
  const [from = '', to = ''] = [environment['HOME'] ?? '/nonexistent', path.join(jobDirectory, 'home')].map((home) =>
    path.join(home, '.local', 'share', 'opencode', 'auth.json'),
  );
  return { from, to };
}

/** A folder that looks as if the CLI had installed its plugin library: ours needs none, and the CLI would wait for the registry. */
async function declineInstall(folder: string): Promise<void> {
  const dependencies = { '@opencode-ai/plugin': '*' };
  await mkdir(path.join(folder, 'node_modules'), { recursive: true });
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ dependencies }));
  await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': { dependencies } } }));
}

function configurationOf(task: AgentTask, environment: AgentConfig['environment']): object {
  const { directory, model, persona } = task;
  const server = toolServer(task);
  return {
    autoupdate: false,
    share: 'disabled',
    snapshot: false,
    permission: { '*': 'allow', external_directory: 'deny', ...(withoutEdits(task) ? { edit: 'deny' } : {}) },
    // Without the repository's configuration the CLI does not look for the repository's rules either.
    instructions: [
      ...['AGENTS.md', 'CLAUDE.md'].flatMap((name) => [path.join(directory, name), path.join(directory, '*', name)]),
      ...(persona === undefined ? [] : [personaText(task)]),
    ],
    plugin: [[PLUGIN, pluginOptions(task, environment)]],
    mcp: { ...servers(persona), [SERVER]: { type: 'local', command: [server.command, ...server.args] } },
    ...(model === undefined ? {} : { model }),
    ...customProvider(task, environment),
  };
}

const personaText = ({ jobDirectory }: AgentTask): string => path.join(jobDirectory, 'home', 'persona.md');

function servers(persona: AgentTask['persona']): object {
  const entries = Object.entries(persona?.mcpServers ?? {}).map(([name, server]) => [
    name,
    'url' in server
      ? { type: 'remote', url: server.url, headers: server.headers }
      : { type: 'local', command: [server.command, ...server.args], environment: server.env },
  ]);
  return Object.fromEntries(entries);
}

/** An endpoint that speaks Chat Completions, where one is given; else the CLI's own providers are there. */
function customProvider({ model, options }: AgentTask, environment: AgentConfig['environment']): object {
  const baseURL = options['base_url'] ?? environment['OPENAI_BASE_URL'];
  if (baseURL === undefined) return {};
  if (model === undefined) throw new AgentRejected(`opencode needs "model", one that ${baseURL} serves`);
  const size = { context: figure(options, 'context') ?? 128_000, output: figure(options, 'output') ?? 16_000 };
  const prices = { input: figure(options, 'input_price') ?? 0, output: figure(options, 'output_price') ?? 0 };
  return {
    model: MODEL + model,
    small_model: MODEL + model,
    enabled_providers: ['custom'],
    provider: {
      custom: {
        npm: '@ai-sdk/openai-compatible',
        options: { baseURL, apiKey: '{env:OPENAI_API_KEY}' },
        models: { [model]: { limit: size, cost: prices } },
      },
    },
  };
}

function figure(options: AgentTask['options'], name: string): number | undefined {
  const value = options[name] === undefined ? undefined : Number(options[name]);
  if (value !== undefined && !(value >= 0))
    throw new AgentRejected(`opencode's "${name}" is not a number: ${options[name]}`);
  return value;
}

function pluginOptions({ role }: AgentTask, environment: AgentConfig['environment']): PluginOptions {
  const { properties }: { properties: Record<string, unknown> } = JSON.parse(strictReportSchema(role));
  return {
    report: {
      name: REPORT_TOOL,
      description:
        'Reports how your task ended, and so ends the session. Call it once, when the task is done or you cannot go on. `reason` says what is missing; empty when done.',
      args: properties,
    },
    hidden: Object.keys(environment).filter((name) => SECRET_NAME.test(name)),
  };
}

import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { McpServer } from '../../../domain/persona.ts';
import { AgentRejected } from '../errors.ts';
import type { AgentConfig, AgentTask } from '../index.ts';
import type { Login } from '../login.ts';
import { withoutEdits } from '../persona.ts';
import { strictReportSchema } from '../report.ts';
import { SERVER, toolServer } from '../tools/index.ts';

/** Folders and files of the session's own. */
export interface CodexHome {
  readonly home: string;
  readonly codexHome: string;
  /** The CLI puts no helper of its sandbox below the temporary folder: this one lies beside its home, wherever that is. */
  readonly temporary: string;
  /** JSON Schema of the report. */
  readonly schema: string;
}

const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'];
const KEY = 'OPENAI_API_KEY';

/** Makes a HOME with a configuration of its own. */
export async function ownHome(task: AgentTask, { environment, sandbox }: AgentConfig): Promise<CodexHome> {
  const home = path.join(task.jobDirectory, 'home');
  const codexHome = path.join(home, '.codex');
  const schema = path.join(home, 'report.schema.json');
  // Its own sandbox does not work inside of another.
  const contained = ((await sandbox?.kind()) ?? 'none') !== 'none';
  const temporary = path.join(home, 'tmp');
  await mkdir(codexHome, { recursive: true, mode: 0o700 });
  await writeFile(schema, strictReportSchema(task.role));
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await writeFile(path.join(codexHome, 'config.toml'), configuration(task, environment, contained));
  return { home, codexHome, temporary, schema };
}

/** The user's login, where no key is set. */
export function loginOf({ codexHome }: CodexHome, { environment }: AgentConfig): { login?: Login } {
  if (environment[KEY] !== undefined) return {};
  const own = environment['CODEX_HOME'] ?? path.join(environment['HOME'] ?? '/nonexistent', '.codex');
  return { login: { from: path.join(own, 'auth.json'), to: path.join(codexHome, 'auth.json') } };
}

/** Takes away the empty folders that a killed CLI leaves where its sandbox had mounted something read-only. */
export async function removeMountPoints(directory: string): Promise<void> {
  for (const name of ['.agents', '.aws', '.codex', '.git'])
    await rmdir(path.join(directory, name)).catch(() => undefined);
}

function configuration(task: AgentTask, environment: AgentConfig['environment'], contained: boolean): string {
  const { model, options, limits, persona } = task;
  const server = toolServer(task);
  const writes = contained ? 'danger-full-access' : 'workspace-write';
  const sandbox = withoutEdits(task) && !contained ? 'read-only' : (options['sandbox'] ?? writes);
  if (!SANDBOXES.includes(sandbox))
    throw new AgentRejected(`codex knows no sandbox "${sandbox}", but: ${SANDBOXES.join(', ')}`);
  const effort = persona?.effort ?? options['effort'];
  return [
    ...(model === undefined ? [] : [`model = ${toml(model)}`]),
    ...(effort === undefined ? [] : [`model_reasoning_effort = ${toml(effort)}`]),
    ...(persona === undefined ? [] : [`developer_instructions = ${toml(persona.instructions)}`]),
    ...(environment[KEY] === undefined ? [] : ['model_provider = "provider"']),
    'check_for_update_on_startup = false',
    'approval_policy = "never"',
    // A login shell would replace PATH.
    'allow_login_shell = false',
    `sandbox_mode = ${toml(sandbox)}`,
    `[sandbox_workspace_write]\nnetwork_access = ${options['network'] === 'true'}`,
    '[analytics]\nenabled = false',
    `[mcp_servers.${SERVER}]\ncommand = ${toml(server.command)}\nargs = ${JSON.stringify(server.args)}\ndefault_tools_approval_mode = "approve"\nstartup_timeout_sec = 60\nrequired = true`,
    ...Object.entries(persona?.mcpServers ?? {}).map(([name, one]) => serverConfiguration(name, one)),
    '[shell_environment_policy]\nignore_default_excludes = false',
    ...(environment[KEY] === undefined ? [] : [provider(environment, limits.silenceSeconds)]),
    '',
  ].join('\n');
}

function serverConfiguration(name: string, server: McpServer): string {
  const lines =
    'url' in server
      ? [`url = ${toml(server.url)}`, ...table('http_headers', server.headers)]
      : [`command = ${toml(server.command)}`, `args = ${JSON.stringify(server.args)}`, ...table('env', server.env)];
  return [`[mcp_servers.${toml(name)}]`, ...lines, 'default_tools_approval_mode = "approve"'].join('\n');
}

function table(name: string, entries: Readonly<Record<string, string>>): readonly string[] {
  const pairs = Object.entries(entries).map(([key, value]) => `${toml(key)} = ${toml(value)}`);
  return pairs.length === 0 ? [] : [`${name} = { ${pairs.join(', ')} }`];
}

function provider(environment: AgentConfig['environment'], silenceSeconds: number): string {
  return [
    '[model_providers.provider]',
    'name = "provider"',
    `base_url = ${toml(environment['OPENAI_BASE_URL'] ?? 'https://api.openai.com/v1')}`,
    `env_key = ${toml(KEY)}`,
    'wire_api = "responses"',
    'supports_websockets = false',
    'request_max_retries = 1',
    'stream_max_retries = 2',
    `stream_idle_timeout_ms = ${Math.round((silenceSeconds * 1000) / 2)}`,
  ].join('\n');
}

/** A JSON string is a TOML string. */
const toml = (text: string): string => JSON.stringify(text);

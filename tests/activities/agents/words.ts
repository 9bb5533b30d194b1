import path from 'node:path';
import { startChat } from '../../support/model/chat.ts';
import { startModel } from '../../support/model/messages.ts';
import { startPuppeteer } from '../../support/model/puppet.ts';
import { startResponses } from '../../support/model/responses.ts';
import type { ModelServer, Script, Turn } from '../../support/model/server.ts';
import { SECRET } from './cases.ts';
import type { Act, Inspecting, Pulled, Report } from './cases.ts';

/** How the words of one CLI and of its model's API differ from those of the others. */
export interface Words {
  /** Its file beside the other CLIs of the tests; an agent without one has none. */
  readonly cli?: string;
  serve(script: Script): Promise<ModelServer>;
  environment(url: string, acts: readonly Act[]): Readonly<Record<string, string>>;
  /** Options for the adapter beside its CLI. */
  readonly options?: Readonly<Record<string, string>>;
  readonly model?: string;
  /** The tool call that an act is. */
  write(file: string, content: string): Turn;
  run(command: string): Turn;
  report(report: Report): Turn;
  /** The tool call that pulls the andon cord. */
  andon(given: Pulled): Turn;
  /** The tool call that looks into the environment, where the agent is offered one. */
  inspect?(given: Inspecting): Turn;
  readonly overflow: Turn;
  /** No quota for so many seconds. */
  quota(seconds: number): Turn;
}

const later = (seconds: number): string => String(Math.round(Date.now() / 1000) + seconds);
const retryAfter = (seconds: number): Turn => ({ fault: { status: 429, headers: { 'retry-after': String(seconds) } } });

const PUPPET = path.resolve(import.meta.dirname, '../../support/puppet.ts');
const call = (name: string, input: Readonly<Record<string, unknown>>): Turn => ({ tools: [{ name, input }] });

/** Claude Code and the Messages API. */
export const claude: Words = {
  cli: 'claude',
  serve: startModel,
  // Only to subscribers does the CLI tell when there is quota again.
  environment: (url, acts) => ({
    ...{ ANTHROPIC_BASE_URL: url, API_TIMEOUT_MS: '20000' },
    ...(acts.some((act) => 'quota' in act) ? { CLAUDE_CODE_OAUTH_TOKEN: SECRET } : { ANTHROPIC_API_KEY: SECRET }),
  }),
  write: (file, content) => call('Write', { file_path: file, content }),
  run: (command) => call('Bash', { command }),
  report: (report) => call('StructuredOutput', { ...report }),
  andon: (given) => call('mcp__run__andon', { ...given }),
  inspect: (given) => call('mcp__run__inspect', { ...given }),
  overflow: {
    fault: {
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' },
      },
    },
  },
  quota: (seconds) => ({
    fault: {
      status: 429,
      headers: {
        'retry-after': String(seconds),
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        'anthropic-ratelimit-unified-reset': later(seconds),
      },
    },
  }),
};

/** Claude behind the Agent Client Protocol. */
export const acp: Words = {
  ...claude,
  cli: 'claude-agent-acp',
  environment: (url) => ({ ANTHROPIC_BASE_URL: url, API_TIMEOUT_MS: '20000', ANTHROPIC_API_KEY: SECRET }),
  report: (report) => ({ text: JSON.stringify(report) }),
};

/** Our own agent and the Messages API. */
export const anthropic: Words = {
  serve: startModel,
  environment: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: SECRET }),
  write: (file_path, content) => call('write', { file_path, content }),
  run: (command) => call('bash', { command }),
  report: (report) => call('report', { ...report }),
  andon: (given) => call('andon', { ...given }),
  inspect: (given) => call('inspect', { ...given }),
  overflow: claude.overflow,
  quota: retryAfter,
};

/** Codex and the Responses API. */
export const codex: Words = {
  cli: 'codex',
  serve: startResponses,
  environment: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: SECRET }),
  options: { network: 'true' },
  write: (file, content) =>
    call('exec_command', {
      cmd: `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path.basename(file)}\n+${content.trimEnd()}\n*** End Patch\nEOF`,
    }),
  run: (cmd) => call('exec_command', { cmd }),
  report: (report) => ({ text: JSON.stringify({ reason: '', ...report }) }),
  andon: (given) => call('exec', { code: `text(await tools.mcp__run__andon(${JSON.stringify(given)}))` }),
  inspect: (given) => call('exec', { code: `text(await tools.mcp__run__inspect(${JSON.stringify(given)}))` }),
  overflow: {
    fault: { status: 400, body: { error: { message: 'too long', code: 'context_length_exceeded' } } },
  },
  quota: (seconds) => ({
    fault: {
      status: 429,
      headers: {
        'x-codex-primary-used-percent': '100',
        'x-codex-primary-window-minutes': '300',
        'x-codex-primary-reset-at': later(seconds),
      },
      body: { error: { type: 'usage_limit_reached', message: 'no quota', resets_at: Number(later(seconds)) } },
    },
  }),
};

/** opencode and Chat Completions. */
export const opencode: Words = {
  cli: 'opencode',
  serve: startChat,
  environment: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: SECRET }),
  model: 'scripted',
  options: { input_price: '1', output_price: '20' },
  write: (file, content) => call('write', { filePath: file, content }),
  run: (command) => call('bash', { command, description: 'runs it' }),
  report: (report) => call('report', { reason: '', ...report }),
  andon: (given) => call('run_andon', { ...given }),
  inspect: (given) => call('run_inspect', { ...given }),
  overflow: {
    fault: { status: 400, body: { error: { message: 'too long', code: 'context_length_exceeded' } } },
  },
  quota: retryAfter,
};

/** Our own program and the server that leads it. */
export const command: Words = {
  serve: startPuppeteer,
  environment: (url) => ({ PUPPET_URL: `${url}/v1/turns`, SCRIPTED_KEY: SECRET }),
  options: {
    command: process.execPath,
    arguments: `--disable-warning=ExperimentalWarning ${PUPPET.replaceAll(' ', '\\ ')}`,
  },
  write: (file, content) => call('write', { file, content }),
  run: (line) => call('run', { command: line }),
  report: ({ status, reason, ...rest }) => call('report', { as: status, why: reason, ...rest }),
  andon: ({ cord, reason }) => call('report', { as: 'blocked', cord, why: reason }),
  overflow: { fault: { status: 413 } },
  quota: retryAfter,
};

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startModel } from '../../support/model/messages.ts';
import { startResponses } from '../../support/model/responses.ts';
import type { ModelServer, Script, Turn } from '../../support/model/server.ts';
import { REPORT, SECRET } from './contract.ts';
import type { Act, Candidate, Stage } from './contract.ts';

/** How the words of one CLI and of its model's API differ from those of the others. */
interface Words {
  /** Its file beside the other CLIs of the tests; an agent without a CLI has none. */
  readonly cli?: string;
  serve(script: Script): Promise<ModelServer>;
  environment(url: string): Readonly<Record<string, string>>;
  /** Options for the adapter beside the CLI's path. */
  readonly options?: Readonly<Record<string, string>>;
  /** The tool call that an act is. */
  write(file: string, content: string): Turn;
  run(command: string): Turn;
  report(report: object): Turn;
  readonly overflow: Turn;
}

async function stage(words: Words, acts: () => readonly Act[], work: string): Promise<Stage> {
  const command = words.cli === undefined ? {} : { command: installed(words.cli) };
  const model = await words.serve((turn) => turnOf(acts()[turn], words, work));
  return {
    environment: words.environment(model.url),
    options: { ...command, ...words.options },
    stop: () => model.stop(),
  };
}

function installed(cli: string): string {
  const file = path.resolve(import.meta.dirname, `../../agents/node_modules/.bin/${cli}`);
  if (existsSync(file)) return file;
  throw new Error('the agent CLIs are not installed: run `npm test`, or `npm install` in tests/agents');
}

function turnOf(act: Act | undefined, words: Words, work: string): Turn {
  if (act === undefined) return { text: 'bye' };
  if ('say' in act) return { text: act.say };
  if ('write' in act) return words.write(path.join(work, act.write), act.content);
  if ('run' in act) return words.run(act.run);
  if ('report' in act) return words.report(REPORT(act));
  return 'fault' in act ? { fault: act.fault } : words.overflow;
}

const call = (name: string, input: Readonly<Record<string, unknown>>): Turn => ({ tools: [{ name, input }] });

const claude: Words = {
  cli: 'claude',
  serve: startModel,
  environment: (url) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: SECRET, API_TIMEOUT_MS: '20000' }),
  write: (file, content) => call('Write', { file_path: file, content }),
  run: (command) => call('Bash', { command }),
  report: (report) => call('StructuredOutput', { ...report }),
  overflow: {
    fault: {
      status: 400,
      body: {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' },
      },
    },
  },
};

const acp: Words = {
  ...claude,
  cli: 'claude-agent-acp',
  report: (report) => ({ text: JSON.stringify(report) }),
};

const anthropic: Words = {
  serve: startModel,
  environment: claude.environment,
  write: (file_path, content) => call('write', { file_path, content }),
  run: (command) => call('bash', { command }),
  report: (report) => call('report', { ...report }),
  overflow: claude.overflow,
};

const codex: Words = {
  cli: 'codex',
  serve: startResponses,
  environment: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: SECRET }),
  write: (file, content) =>
    call('exec_command', {
      cmd: `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path.basename(file)}\n+${content.trimEnd()}\n*** End Patch\nEOF`,
    }),
  run: (cmd) => call('exec_command', { cmd }),
  report: (report) => ({ text: JSON.stringify({ reason: '', ...report }) }),
  overflow: {
    fault: { status: 400, body: { error: { message: 'too long', code: 'context_length_exceeded' } } },
  },
};

/** The scripted agent has no model: each act is a step of its script. */
function stepOf(act: Act): object {
  if ('say' in act) return { say: act.say };
  if ('write' in act) return { write: { file: act.write, content: act.content } };
  if ('run' in act) return { run: act.run };
  if ('report' in act) return { end: { as: act.report.status, why: act.report.reason ?? '' } };
  if ('overflow' in act) return { end: { as: 'incomplete_handoff' } };
  if (act.fault === 'silence') return { hang: true };
  if (act.fault === 'refusal') return { end: { as: 'refused' } };
  const status = typeof act.fault === 'object' ? act.fault.status : 500;
  return { end: { as: status === 401 ? 'needs_human' : status === 429 ? 'quota_parked' : 'provider_down' } };
}

const NO_PRICE = 'reports tokens, no cost';

/** All adapters, as the contract suite tries them. */
export const candidates: readonly Candidate[] = [
  {
    name: 'acp',
    lacks: { 'cost limit': 'Claude tells its cost when a prompt has ended' },
    prepare: (acts, { work }) => stage(acp, acts, work),
  },
  {
    name: 'anthropic',
    lacks: {},
    prepare: (acts, { work }) => stage(anthropic, acts, work),
  },
  {
    name: 'claude',
    lacks: {},
    prepare: (acts, { work }) => stage(claude, acts, work),
  },
  {
    name: 'codex',
    lacks: { 'cost limit': NO_PRICE },
    prepare: (acts, { work }) => stage(codex, acts, work),
  },
  {
    name: 'scripted',
    lacks: {
      'turn limit': 'plays its steps to the end',
      'cost limit': 'plays its steps to the end',
      'no report': 'the end of its steps is its report',
      resume: 'a script that dies has crashed',
    },
    async prepare(acts, { folder }) {
      const script = path.join(folder, 'agent.yaml');
      const steps = acts().map(stepOf);
      await writeFile(script, JSON.stringify({ attempts: [{ steps: [{ say: 'all done' }, ...steps] }] }));
      return { environment: {}, options: { script }, stop: () => Promise.resolve() };
    },
  },
];

import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobCommand } from '../../process/job.ts';
import { converse } from '../conversation.ts';
import type { Call, CallReader, Dialect } from '../conversation.ts';
import { executable } from '../executable.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import { reportSchema } from '../report.ts';
import { endingOf } from './ending.ts';
import { activityOf, resetOf, resultOf, translate } from './events.ts';
import type { ClaudeResult } from './events.ts';
import { mcpConfig, personaArguments, personaVariables } from './persona.ts';

/** The Claude Code CLI, found as `claude` on PATH or by the option `command`. */
export function claude(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      const file = await executable(task, config, { name: 'claude', hint: 'install Claude Code' });
      const home = await ownHome(task, config);
      const dialect: Dialect = {
        command: (call) => commandOf({ task, file, home, config }, call),
        reader: () => reader(task),
        translate,
        activity: activityOf,
      };
      return converse(task, { dialect, config }, io);
    },
  };
}

function reader(task: AgentTask): CallReader {
  let result: ClaudeResult | undefined;
  let until: number | undefined;
  return {
    read(event) {
      result = resultOf(event) ?? result;
      until = resetOf(event) ?? until;
    },
    // The CLI's cost is of the session so far, also after a resume; its tokens and turns are of the call.
    spent: (before) =>
      result === undefined
        ? before
        : {
            usd: result.usd >= before.usd ? result.usd : before.usd + result.usd,
            tokens: before.tokens + result.tokens,
            turns: before.turns + result.turns,
          },
    session: () => task.sessionId,
    ending: (job, stderr) => {
      const ending = endingOf(job, { result, stderr, role: task.role });
      return ending.end === 'quota_parked' && until !== undefined ? { ...ending, until } : ending;
    },
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

/** A HOME of the session's own, with the user's login when there is one and no key is set. */
async function ownHome(task: AgentTask, { environment }: AgentConfig): Promise<string> {
  const home = path.join(task.jobDirectory, 'home');
  const settings = path.join(home, '.claude');
  await mkdir(settings, { recursive: true, mode: 0o700 });
  await writeFile(mcpFile(home), JSON.stringify(mcpConfig(task)), { mode: 0o600 });
  const login = path.join(environment['HOME'] ?? '/nonexistent', '.claude', '.credentials.json');
  if (environment['ANTHROPIC_API_KEY'] === undefined)
    await cp(login, path.join(settings, '.credentials.json')).catch(() => undefined);
  return home;
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { JobCommand } from '../../process/job.ts';
import { converse } from '../conversation.ts';
import type { Call, Dialect, Spent } from '../conversation.ts';
import { AgentRejected } from '../errors.ts';
import { executable } from '../executable.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import { activityOf, translate } from './events.ts';
import { REPORT_TOOL, loginOf, ownHome } from './home.ts';
import { reader } from './reader.ts';

const REPORT = `When the task is done, or you cannot go on, call the tool \`${REPORT_TOOL}\`: nothing else counts as your report.`;

const CONFIGURATION = ['.opencode', 'opencode.json', 'opencode.jsonc'];

/** The opencode CLI, found as `opencode` on PATH or by the option `command`. It reports by a tool that our plugin gives it. */
export function opencode(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      const file = await executable(task, config, { name: 'opencode', hint: 'install opencode' });
      const own = await ownHome(task, config);
      let spent: Spent = { usd: 0, tokens: 0, turns: 0 };
      const keep = (next: Spent): void => {
        spent = next;
      };
      const dialect: Dialect = {
        login: loginOf(task, config),
        command: (call) => commandOf({ task, file, environment: { ...config.environment, ...own } }, call),
        reader: () => reader(task, spent, keep),
        translate,
        activity: activityOf,
      };
      return converse(task, { dialect, config }, io);
    },
  };
}

interface Scene {
  readonly task: AgentTask;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The CLI offers no way to leave a repository's configuration unread: its plugins run in the CLI, which holds the key. */
function refuseConfiguration({ directory, options }: AgentTask): void {
  const found = CONFIGURATION.find((name) => existsSync(path.join(directory, name)));
  if (found !== undefined && options['repository_config'] !== 'true')
    throw new AgentRejected(
      `opencode would run what the repository's ${found} says, with your key: set "repository_config: true" if you trust it`,
    );
}

function commandOf({ task, file, environment }: Scene, call: Call): JobCommand {
  refuseConfiguration(task);
  return {
    file,
    arguments: [
      // With a title given, none is asked of the model.
      ...['run', '--format', 'json', '--title', task.sessionId],
      ...(call.resume === undefined ? [] : ['--session', call.resume]),
    ],
    cwd: task.directory,
    environment,
    input: `${call.prompt}\n\n${REPORT}`,
  };
}

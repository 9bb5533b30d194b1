import type { JobCommand } from '../../process/job.ts';
import { converse } from '../conversation.ts';
import type { Call, Dialect, Spent } from '../conversation.ts';
import { executable } from '../executable.ts';
import type { Agent, AgentConfig, AgentTask } from '../index.ts';
import { activityOf, translate } from './events.ts';
import { REPORT_TOOL, ownHome } from './home.ts';
import { reader } from './reader.ts';

const REPORT = `When the task is done, or you cannot go on, call the tool \`${REPORT_TOOL}\`: nothing else counts as your report.`;

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

function commandOf({ task, file, environment }: Scene, call: Call): JobCommand {
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

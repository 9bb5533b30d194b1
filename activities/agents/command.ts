import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseCommandString } from 'execa';
import { converse } from './conversation.ts';
import type { Call, Dialect } from './conversation.ts';
import { AgentRejected } from './errors.ts';
import { executable } from './executable.ts';
import type { Agent, AgentConfig, AgentTask } from './index.ts';
import { withSpokenPersona } from './persona.ts';
import { sharedEvents } from './shared-events.ts';

/** Any program, named by the option `command`: the prompt on its stdin, the events of our transcripts as JSON lines on its stdout. */
export function command(config: AgentConfig): Agent {
  return {
    async run(task, io) {
      if (task.options['command'] === undefined)
        throw new AgentRejected('the agent "command" needs "command", the program to run');
      const file = await executable(task, config, { name: 'command', hint: 'name the program' });
      const home = task.options['home'] ?? path.join(task.jobDirectory, 'home');
      await mkdir(home, { recursive: true, mode: 0o700 });
      const dialect: Dialect = {
        ...sharedEvents(task),
        command: (call) => ({
          file,
          arguments: argumentsOf(task, call),
          cwd: task.directory,
          environment: { ...config.environment, HOME: home, ...variables(task, call) },
          input: call.prompt,
        }),
      };
      return converse(withSpokenPersona(task), { dialect, config }, io);
    },
  };
}

/** The option `arguments`, or `resume_arguments` for a session that goes on, with its placeholders filled in. */
function argumentsOf(task: AgentTask, call: Call): readonly string[] {
  const first = task.options['arguments'] ?? '';
  const wanted = call.resume === undefined ? first : (task.options['resume_arguments'] ?? first);
  const values: Readonly<Record<string, string>> = {
    '{session}': call.resume ?? task.sessionId,
    '{model}': task.model ?? '',
    '{prompt_file}': path.join(task.jobDirectory, `call-${call.number}`, 'stdin'),
  };
  return parseCommandString(wanted).map((argument) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(name, () => value), argument),
  );
}

function variables({ sessionId, model, limits }: AgentTask, { resume }: Call): Readonly<Record<string, string>> {
  return {
    SPEC_TO_PR_SESSION: sessionId,
    SPEC_TO_PR_TURNS: String(limits.turns),
    SPEC_TO_PR_USD: limits.usd.toFixed(2),
    ...(model === undefined ? {} : { SPEC_TO_PR_MODEL: model }),
    ...(resume === undefined ? {} : { SPEC_TO_PR_RESUME: resume }),
  };
}

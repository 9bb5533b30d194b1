import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { runRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import type { BetaRunnableTool, BetaToolUse, RunnableToolOutcome } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import {
  betaEditTool,
  betaGlobTool,
  betaGrepTool,
  betaReadTool,
  betaWriteTool,
} from '@anthropic-ai/sdk/tools/agent-toolset/node';
import type { Role } from '../../../domain/roles.ts';
import { REPORTS } from '../report.ts';
import { ANDON, ANDON_DESCRIPTION, andonCall, pull } from '../tools/andon.ts';
import type { ToolFiles } from '../tools/files.ts';
import { INSPECT, inspect, inspectCall, inspectDescription } from '../tools/inspect.ts';
import type { Inspectable } from '../tools/inspect.ts';
import { shellTool } from './shell.ts';
import type { Shell } from './shell.ts';

/** Told of every call of a tool: before it runs, and when it has ended. */
export interface Observer {
  before(call: BetaToolUse): void;
  after(call: BetaToolUse, outcome: RunnableToolOutcome): void;
}

/** Name of the tool that hands in the report and so ends the session. */
export const REPORT = 'report';

export interface Toolbox {
  readonly role: Role;
  readonly shell: Shell;
  readonly files: ToolFiles;
  /** Absent where there is nothing to look into. */
  readonly inspectable?: Inspectable | undefined;
  /** Whether there are tools that edit files. */
  readonly edits: boolean;
  /** The only tools beside `report`, `andon` and `inspect`; all when left out. Case does not matter. */
  readonly only?: readonly string[] | undefined;
  onReport(report: unknown): void;
}

/** The tools of a session: bash, file tools that are held to the folder, `report`, which hands in the final report, `andon`, and `inspect` where there is an environment. */
export function toolsOf(
  { role, shell, files, inspectable, edits, only, onReport }: Toolbox,
  observer: Observer,
): BetaRunnableTool[] {
  const context = { workdir: shell.directory, env: {} };
  const own = [
    shellTool(shell),
    ...[betaReadTool, betaGlobTool, betaGrepTool].map((make) => make(context)),
    ...(edits ? [betaWriteTool, betaEditTool].map((make) => make(context)) : []),
  ];
  const kept = only?.map((name) => name.toLowerCase());
  const tools = [
    ...own.filter(({ name }) => kept === undefined || kept.includes(name)),
    reportTool(role, onReport),
    andonTool(files),
    ...(inspectable === undefined ? [] : [inspectTool(files, inspectable)]),
  ];
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return tools.map((tool) => observed(tool, observer, inTurn));
}

function andonTool({ cords }: ToolFiles): BetaRunnableTool {
  return betaZodTool({
    name: ANDON,
    description: ANDON_DESCRIPTION,
    inputSchema: andonCall,
    run: (call) => pull(cords, call),
  });
}

function inspectTool(files: ToolFiles, inspectable: Inspectable): BetaRunnableTool {
  return betaZodTool({
    name: INSPECT,
    description: inspectDescription(inspectable),
    inputSchema: inspectCall,
    run: (call) => inspect(files, call),
  });
}

function reportTool(role: Role, onReport: (report: unknown) => void): BetaRunnableTool {
  return betaZodTool({
    name: REPORT,
    description:
      'Hand in your final report and end the session. Status "done": the task is finished. "blocked": something is missing that you cannot make. "needs_human": a person must decide. "reason" says what is needed.',
    inputSchema: REPORTS[role],
    run: (report: unknown) => {
      onReport(report);
      return 'The session ends here.';
    },
  });
}

/** The same tool, one call at a time, each of them observed. */
function observed(
  tool: BetaRunnableTool,
  observer: Observer,
  inTurn: <T>(work: () => Promise<T>) => Promise<T>,
): BetaRunnableTool {
  return {
    ...tool,
    parse: (input) => input,
    run: (input, context) =>
      inTurn(async () => {
        if (context === undefined) throw new Error('a tool is called by a model only');
        observer.before(context.toolUse);
        const outcome = await runRunnableTool(tool, input, context);
        observer.after(context.toolUse, outcome);
        if (outcome.isError) throw new ToolError(outcome.content);
        return outcome.content;
      }),
  };
}

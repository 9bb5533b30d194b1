import { acp } from './acp/index.ts';
import { anthropic } from './anthropic/index.ts';
import { claude } from './claude/index.ts';
import { codex } from './codex/index.ts';
import { command } from './command.ts';
import { opencode } from './opencode/index.ts';
import { scripted } from './scripted/index.ts';
import type { AgentName } from '../../domain/agent-options.ts';
import type { AgentEnd, Cord } from '../../domain/agent.ts';
import type { Claim } from '../../domain/diagnosis.ts';
import type { Persona } from '../../domain/persona.ts';
import type { Usage } from '../../domain/prices.ts';
import type { Role } from '../../domain/roles.ts';
import type { Io } from '../io.ts';
import type { Sandbox } from '../sandbox/index.ts';
import type { Inspectable } from './tools/inspect.ts';

/** One session's order. Paths are absolute, times in seconds, money in USD. */
export interface AgentTask {
  /** The agent's working directory: the worktree itself, or the folder that holds one per repository. */
  readonly directory: string;
  readonly prompt: string;
  /** Says which report is asked for; a debugger gets no tools that edit files, where its CLI can tell. */
  readonly role: Role;
  /** Who plays the role; sets nothing that the agent is not listed for in the domain's table. Its model and turns are in this order already. */
  readonly persona?: Persona;
  /** From 1. */
  readonly attempt: number;
  /** A UUID, the same for every retry of this session. */
  readonly sessionId: string;
  /**
   * Outside `directory`; record, logs and the agent's own HOME live here. A second call with the same folder re-attaches or
   * resumes; a session that was parked goes on.
   */
  readonly jobDirectory: string;
  readonly model?: string;
  /** What a debugger may look into by the tool `inspect`; whoever orders the session answers. */
  readonly inspect?: Inspectable;
  readonly options: Readonly<Record<string, string>>;
  readonly limits: {
    readonly seconds: number;
    readonly silenceSeconds: number;
    readonly turns: number;
    readonly usd: number;
    readonly tokens?: number;
  };
}

/** How a session ended. `why` is one line, empty for `done`; figures are of the session as a whole. */
export interface AgentReport {
  readonly end: AgentEnd;
  readonly why: string;
  readonly summary: string;
  readonly sessionId: string;
  readonly usd: number;
  readonly tokens: number;
  /** The tokens by kind, where the agent tells them apart. */
  readonly usage?: Usage;
  readonly turns: number;
  /** It worked and told neither tokens nor money. */
  readonly untold?: true;
  /** Of `quota_parked`: milliseconds since the epoch from which there is quota again, where the provider tells. */
  readonly until?: number;
  /** The andon cord that the session pulled; its reason is `why`. */
  readonly cord?: Cord;
  /** A debugger's hypotheses, not verified. */
  readonly claims?: readonly Claim[];
  /** JSON lines, one event each. */
  readonly transcript: string;
}

/** Runs one session to its end. Whatever the agent does is a report; throws only when the host cannot run agents, or `signal` aborts. */
export interface Agent {
  run(task: AgentTask, io: Io): Promise<AgentReport>;
}

/** What every adapter is made with. `environment` is all that a session may see of the worker's. */
export interface AgentConfig {
  readonly environment: Readonly<Record<string, string>>;
  redact(text: string): string;
  /** Contains every command of a session; absent for none. */
  readonly sandbox?: Sandbox;
}

/** Every adapter; the options of each are declared in the domain. */
export const agents = { acp, anthropic, claude, codex, command, opencode, scripted } satisfies Record<
  AgentName,
  (config: AgentConfig) => Agent
>;
export type { AgentName };

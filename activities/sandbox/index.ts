import type { SandboxChoice } from '../../domain/project.ts';
import type { JobCommand } from '../process/job.ts';
import { bubblewrap, findBubblewrap } from './bubblewrap.ts';
import { container, engineFault } from './container.ts';
import { SandboxUnavailable } from './errors.ts';

/** The folders of one session: absolute, and there. */
export interface SandboxPlace {
  /** The worktree, or the folder that holds one per repository. */
  readonly directory: string;
  /** Outside of `directory`; the session's home lives below it. */
  readonly jobDirectory: string;
  /** The session has no business to write in `directory`. */
  readonly readOnly?: boolean;
}

export type SandboxKind = 'bubblewrap' | 'container' | 'none';

/** Turns a command into one that runs contained. */
export type Contain = (command: JobCommand, place: SandboxPlace) => Promise<JobCommand>;

/** What contains the commands of sessions. Both throw SandboxUnavailable when this host cannot give what the project demands. */
export interface Sandbox {
  kind(): Promise<SandboxKind>;
  readonly contain: Contain;
}

/** What a sandbox knows of the worker's host. Paths are absolute. */
export interface SandboxHost {
  readonly choice: SandboxChoice;
  /** PATH that the sandbox's own program is found on. */
  readonly path: string;
  readonly userHome: string;
  readonly stateHome: string;
  /** The mirrors that the worktrees in a session's folder belong to. */
  mirrors(directory: string): Promise<readonly string[]>;
}

/** How sessions are contained on a host; `warning` is one sentence where `auto` found nothing to do it with. */
export interface Containment {
  readonly kind: SandboxKind;
  readonly contain: Contain;
  readonly warning?: string;
}

const uncontained: Contain = (command) => Promise.resolve(command);

/** The containment that a project asks for. Throws SandboxUnavailable with what to install or change. */
export async function openSandbox(host: SandboxHost): Promise<Containment> {
  const { kind, network } = host.choice;
  if (kind === 'none') return { kind, contain: uncontained };
  if (kind === 'container') {
    const fault = await engineFault(host);
    if (fault !== undefined) throw new SandboxUnavailable(`the project demands agents in a container, but ${fault}`);
    return { kind, contain: container(host) };
  }
  const found = await findBubblewrap(host.path, network);
  if ('program' in found) return { kind: 'bubblewrap', contain: bubblewrap(found.program, host) };
  if (kind === 'bubblewrap' || network !== 'open')
    throw new SandboxUnavailable(`the project demands contained agents, but ${found.fault}`);
  return { kind: 'none', contain: uncontained, warning: `agents run WITHOUT a sandbox: ${found.fault}` };
}

/** A sandbox that looks for its means when it is first asked. */
export function lazySandbox(host: SandboxHost): Sandbox {
  let opened: Promise<Containment> | undefined;
  const open = (): Promise<Containment> => (opened ??= openSandbox(host));
  return {
    kind: async () => (await open()).kind,
    contain: async (command, place) => (await open()).contain(command, place),
  };
}

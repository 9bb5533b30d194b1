import type { EnvironmentChoice } from '../domain/environment.ts';
import type { AgentChoice, ForgeChoice, ListenerChoice, NotifierChoice, SandboxChoice } from '../domain/project.ts';
import type { Agent } from './agents/index.ts';
import type { ArtifactStore } from './artifacts/index.ts';
import type { EnvironmentProvider } from './environments/index.ts';
import type { Forge } from './forges/index.ts';
import type { GitHost } from './git/host.ts';
import type { Leases } from './lease.ts';
import type { Ledger } from './ledger.ts';
import type { Listener } from './listeners/index.ts';
import type { Notifier } from './notifiers/index.ts';
import type { Source } from './sources/index.ts';

/** Everything that activities need from outside. Built once by the worker; tests build their own. */
export interface Ports {
  /** State folder: mirrors, worktrees, jobs, environments, artifacts. */
  readonly home: string;
  /** Id of the host that the state folder is on. */
  host(): string;
  readonly git: GitHost;
  readonly artifacts: ArtifactStore;
  readonly ledger: Ledger;
  readonly leases: Leases;
  /** What commands of the user's repositories get: PATH, LANG and the like, never a secret. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** An agent whose sessions are contained as the project says. */
  agent(choice: AgentChoice, sandbox: SandboxChoice): Agent;
  environment(choice: EnvironmentChoice): EnvironmentProvider;
  forge(choice: ForgeChoice): Forge;
  notifier(choice: NotifierChoice): Notifier;
  listener(choice: ListenerChoice): Listener;
  /** Takes secrets out of a text that leaves for people. */
  redact(text: string): string;
  source(kind: string): Source;
}

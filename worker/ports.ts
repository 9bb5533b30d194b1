import { homedir } from 'node:os';
import path from 'node:path';
import { agents } from '../activities/agents/index.ts';
import { fileArtifacts } from '../activities/artifacts/index.ts';
import { environments, openEnvironment } from '../activities/environments/index.ts';
import { forges } from '../activities/forges/index.ts';
import { listeners } from '../activities/listeners/index.ts';
import { notifiers } from '../activities/notifiers/index.ts';
import type { GitHost } from '../activities/git/host.ts';
import { mirrorsOf } from '../activities/git/worktree.ts';
import type { Ports } from '../activities/ports.ts';
import { lazySandbox } from '../activities/sandbox/index.ts';
import type { SandboxHost } from '../activities/sandbox/index.ts';
import { sources } from '../activities/sources/index.ts';
import type { SandboxChoice } from '../domain/project.ts';
import type { WorkerConfig } from './config.ts';
import { noLeases } from './leases.ts';
import { hostOf } from './host.ts';
import { noLedger } from './ledger.ts';

/** A project names something that this worker does not have. Final. */
export class UnknownAdapter extends Error {
  override readonly name = 'UnknownAdapter';
}

function pick<T>(port: string, map: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(map, name) ? map[name] : undefined;
  if (found === undefined) throw new UnknownAdapter(`${port} "${name}" is unknown: use ${Object.keys(map).join(', ')}`);
  return found;
}

/** What a sandbox has to know of this host. */
export function sandboxHost(config: WorkerConfig, git: GitHost, choice: SandboxChoice): SandboxHost {
  return {
    choice,
    path: git.path,
    stateHome: config.home,
    userHome: config.agentEnvironment['HOME'] ?? homedir(),
    mirrors: (directory) => mirrorsOf(git, directory),
  };
}

/** What the Temporal server does for activities. */
export type Server = Pick<Ports, 'ledger' | 'leases'>;

const NO_SERVER: Server = { ledger: noLedger, leases: noLeases };

/** Connects every port with its adapters. */
export function createPorts(config: WorkerConfig, identity: GitHost['identity'], server: Server = NO_SERVER): Ports {
  const { home, commandEnvironment, agentEnvironment, redact } = config;
  const memory = new Map<string, string>();
  const git = { home, path: commandEnvironment['PATH'] ?? '', identity };
  return {
    home,
    host: () => hostOf(home),
    git,
    artifacts: fileArtifacts(path.join(home, 'artifacts')),
    ...server,
    commandEnvironment,
    agent: (choice, sandbox) =>
      pick(
        'agent',
        agents,
        choice.name,
      )({ environment: agentEnvironment, redact, sandbox: lazySandbox(sandboxHost(config, git, sandbox)) }),
    environment: (choice) => {
      pick('environment', environments, choice.kind);
      const { toolEnvironment, secret } = config;
      return openEnvironment(choice, {
        stateHome: home,
        environment: commandEnvironment,
        toolEnvironment,
        git,
        secret,
      });
    },
    forge: ({ kind, apiUrl, tokenEnv }) => {
      const token = config.secret(tokenEnv);
      return pick(
        'forge',
        forges,
        kind,
      )({
        stateHome: home,
        git,
        ...(apiUrl === undefined ? {} : { apiUrl }),
        ...(token === undefined ? {} : { token }),
      });
    },
    notifier: ({ name, options }) =>
      pick(
        'notifier',
        notifiers,
        name,
      )({ stateHome: home, options, environment: config.desktopEnvironment, secret: config.secret }),
    listener: ({ name, options, policy }) =>
      pick('listener', listeners, name)({ options, policy, memory, secret: config.secret }),
    redact,
    source: (kind) => pick('source', sources, kind)(),
  };
}

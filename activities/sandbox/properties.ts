import type { SandboxChoice } from '../../domain/project.ts';
import type { Loot } from './intruder.ts';

/** What the intruder got hold of, and what the host found afterwards. Empty lists are good news. */
export type Evidence = Loot & Readonly<Record<'survivors' | 'hidden' | 'git', readonly string[]>>;

/** One thing that containment promises. `found` says how it was broken, or that it was not. */
export interface Property {
  readonly name: string;
  readonly holds: boolean;
  /** False: the project lets it go where there is no sandbox. */
  readonly demanded: boolean;
  readonly found: string;
}

interface Terms {
  readonly choice: SandboxChoice;
  /** The project demands a sandbox. */
  readonly demanded: boolean;
}

type Test = (evidence: Evidence, terms: Terms) => Property;

/** Holds when nothing was found. `always`: our own code sees to it, with or without a sandbox. */
function property(
  name: string,
  { key, broken, always = false }: { readonly key: keyof Evidence; readonly broken: string; readonly always?: boolean },
): Test {
  return (evidence, { demanded }) => {
    const loot = evidence[key];
    const shown = [...loot.slice(0, 3), ...(loot.length > 3 ? [`${loot.length - 3} more`] : [])].join(', ');
    return {
      name,
      holds: loot.length === 0,
      demanded: demanded || always,
      found: loot.length === 0 ? 'tried, not broken' : `${broken}: ${shown}`,
    };
  };
}

function network({ network }: Evidence, { choice }: Terms): Property {
  const name = `the network is "${choice.network}"`;
  if (choice.network === 'open') return { name, holds: true, demanded: false, found: 'as the project has it' };
  const holds = network.length === 0;
  return { name, holds, demanded: true, found: holds ? 'tried, not broken' : `reached ${network.join(', ')}` };
}

/** All that containment promises, in the order in which people care. */
export const PROPERTIES: readonly Test[] = [
  property('no credential in the environment', { key: 'environment', broken: 'found in', always: true }),
  property('no credential in home, worktree or git configuration', { key: 'files', broken: 'found in', always: true }),
  property('no credential in the process list', { key: 'processList', broken: 'found in' }),
  property("the user's home and the worker's state are closed", { key: 'closed', broken: 'could read' }),
  property('nothing is written outside of worktree and home', { key: 'outside', broken: 'could write' }),
  property("the host's processes are not seen", { key: 'processes', broken: 'saw process' }),
  network,
  property('no process survives, also none in a session of its own', {
    ...{ key: 'survivors', broken: 'still there', always: true },
  }),
  property('nor one that also cleared its environment', { key: 'hidden', broken: 'still there' }),
  property("the repository's git hooks and configuration do not run", { key: 'git', broken: 'made', always: true }),
];

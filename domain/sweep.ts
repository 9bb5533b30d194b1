import type { EnvironmentChoice } from './environment.ts';
import type { Notification } from './notification.ts';
import type { NotifierChoice } from './project.ts';
import { oneLine } from './text.ts';

/** A look for environments that no lease holds. */
export interface SweepOrder {
  readonly project: string;
  readonly environment: EnvironmentChoice;
  readonly erase: boolean;
  /** Seconds between the first look and the one that what is erased has to be found by as well. */
  readonly graceSeconds: number;
  /** Who is told of what is found. */
  readonly notifiers: readonly NotifierChoice[];
  /** URLs of the project's repositories. */
  readonly repositories: readonly string[];
}

/** An environment of ours that no lease holds; `host` where it lives on one. */
export interface Leak {
  readonly name: string;
  readonly host?: string;
}

/** A host that was not looked at: nobody knows what it has. */
export interface Unseen {
  readonly host: string;
  readonly why: string;
}

/** What a sweep has found and has left. */
export interface SweepReport {
  readonly leaked: readonly Leak[];
  readonly erased: readonly Leak[];
  /** How many bear our mark, whoever holds them. */
  readonly own: number;
  readonly foreign: number;
  /** Of environments that live on hosts. */
  readonly unseen: readonly Unseen[];
}

const MOST_NAMED = 50;

/** Tells people of leaks; channels tell of the same ones once. `at` in milliseconds since the epoch. */
export function leakNotification(
  { project, environment, erase, repositories }: SweepOrder,
  { leaked, unseen, at }: Pick<SweepReport, 'leaked' | 'unseen'> & { readonly at: number },
): Notification {
  const next = erase
    ? 'They are erased if still no lease holds them a little later.'
    : `Nothing is erased without \`sweep: erase\` in \`leases\`; \`spec-to-pr env destroy NAME\`${leaked.some(({ host }) => host !== undefined) ? ' on that host' : ''} does it by hand.`;
  const names = leaked.map(({ name, host }) => (host === undefined ? name : `${name} on ${host}`));
  const what = names.length === 1 ? `the environment ${names[0]} that` : `${names.length} environments that`;
  const blind = unseen.map(({ host, why }) => `not seen: ${host} (${why})`);
  return {
    key: `${project}:leaked:${names.toSorted().join(' ')}`,
    kind: 'leaked',
    title: oneLine(`${project} has ${what} no lease holds (${environment.kind})`),
    body: [...listed(names), ...(blind.length === 0 ? [] : ['', ...listed(blind)]), '', next].join('\n'),
    subject: { workId: project, run: `${project}:sweep`, startedAt: at, pullRequests: [], repositories },
  };
}

function listed(lines: readonly string[]): readonly string[] {
  return lines.slice(0, MOST_NAMED).map((line) => `- \`${oneLine(line, 200).replaceAll('`', "'")}\``);
}

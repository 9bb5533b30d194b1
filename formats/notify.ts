import type { WaitingRule } from '../domain/notify.schema.ts';
import type { ProjectFile } from '../domain/project.schema.ts';
import type { ForgeChoice, NotifierChoice, Project, Repository } from '../domain/project.ts';
import type { WaitingPolicy } from '../domain/waiting.ts';
import { hint } from './problems.ts';

/** The channels with their settings; GitHub's is the forge's account unless it names another token. */
export function notifiersOf(
  { notify }: ProjectFile,
  { forge, repositories }: { readonly forge: ForgeChoice; readonly repositories: readonly Repository[] },
): readonly NotifierChoice[] {
  return notify.map(({ channel: name, ...given }) => {
    const settings: Readonly<Record<string, unknown>> = given;
    const options = Object.fromEntries(
      Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, text(value)]])),
    );
    if (name !== 'github') return { name, options };
    const url = repositories.find(({ key }) => key === options['repository'])?.url;
    return {
      name,
      options: {
        ...(forge.apiUrl === undefined ? {} : { api_url: forge.apiUrl }),
        token_env: options['token_env'] ?? forge.tokenEnv,
        ...(url === undefined ? {} : { repository: url }),
      },
    };
  });
}

const text = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));

/** A sentence for each thing that is wrong about `notify`. */
export function channelProblems({ notify, repositories }: ProjectFile): readonly string[] {
  const names = notify.map(({ channel }) => channel);
  const keys = Object.keys(repositories);
  return [
    ...(new Set(names).size === names.length ? [] : ['"notify" names a channel twice']),
    ...notify.flatMap((one) => {
      if (!('repository' in one) || one.repository === undefined || keys.includes(one.repository)) return [];
      return [
        `"notify" sends to the repository "${one.repository}", which is not one of the repositories${hint(one.repository, keys)}`,
      ];
    }),
  ];
}

/** What happens while a question waits; nothing when the file does not say. */
export function waitingOf({ waiting }: ProjectFile): Pick<Project, 'waiting'> {
  if (waiting === undefined) return {};
  const { gates, ...rule } = waiting;
  // To wait for ever is a policy, too, where all other questions are decided.
  const each = Object.entries(gates ?? {}).map(
    ([gate, one]) => [gate, { ...policyOf(one), ...(one.decide === 'wait' ? { fallback: null } : {}) }] as const,
  );
  return { waiting: { ...policyOf(rule), ...(each.length === 0 ? {} : { gates: Object.fromEntries(each) }) } };
}

function policyOf({ remind_after: remindSeconds, decide, after: afterSeconds }: WaitingRule): WaitingPolicy {
  const waits = decide === undefined || decide === 'wait' || afterSeconds === undefined;
  return {
    ...(remindSeconds === undefined ? {} : { remindSeconds }),
    ...(waits ? {} : { fallback: { decision: decide, afterSeconds } }),
  };
}

/** A sentence for each contradiction in `waiting`. */
export function waitingProblems({ waiting }: ProjectFile): readonly string[] {
  const { gates = {}, ...rule } = waiting ?? {};
  const all = [
    ['waiting', rule],
    ...Object.entries(gates).map(([gate, one]) => [`waiting.gates.${gate}`, one] as const),
  ] as const;
  return all.flatMap(([place, { decide = 'wait', after }]) => {
    if ((decide === 'wait') === (after === undefined)) return [];
    return decide === 'wait'
      ? [`"${place}.after" needs "${place}.decide": accept_draft or abort`]
      : [`"${place}.decide" ${decide} needs "${place}.after", e.g. after: 7d`];
  });
}

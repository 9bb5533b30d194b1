import { createHash } from 'node:crypto';
import { variableName } from '../../domain/variable-name.ts';
import type { ProvisionRequest } from './index.ts';

/** `<SERVICE>_URL` for each address. */
export function addressVariables(addresses: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(addresses).map(([key, url]) => [`${variableName(key)}_URL`, url]));
}

/** Eight hex digits that stand for an environment's name. */
export function environmentId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}

/** A name that engines and clusters take (a DNS label of at most 52 characters), different for different names. */
export function resourceName(name: string): string {
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 36)
    .replace(/^-|-$/g, '');
  return `e-${readable === '' ? '' : `${readable}-`}${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

/** What commands and files of a provider learn of the environment and the candidate. */
export function requestVariables(request: ProvisionRequest): Readonly<Record<string, string>> {
  const { name, owner, commits, directories } = request;
  return {
    ENVIRONMENT_NAME: name,
    ENVIRONMENT_ID: environmentId(name),
    ENVIRONMENT_SLUG: resourceName(name),
    ENVIRONMENT_OWNER: owner,
    ENVIRONMENT_COMMITS: JSON.stringify(commits),
    ...Object.fromEntries(Object.entries(commits).map(([key, commit]) => [`${variableName(key)}_COMMIT`, commit])),
    ...Object.fromEntries(Object.entries(directories).map(([key, folder]) => [`${variableName(key)}_DIR`, folder])),
  };
}

/** Fills in `${NAME}` for the given names; anything else stays as it is. */
export function fillIn(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([A-Z_][A-Z0-9_]*)\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? whole) : whole,
  );
}

import type { ProjectFile } from '../domain/project.schema.ts';
import { DEFAULT_SANDBOX } from '../domain/project.ts';
import type { SandboxChoice } from '../domain/project.ts';

/** The section `sandbox` with its defaults filled in. */
export function sandboxOf(given: ProjectFile['sandbox']): SandboxChoice {
  if (!('read' in given)) return { ...DEFAULT_SANDBOX, ...given };
  const { read, image, ...rest } = given;
  return { ...rest, reads: read, ...(image === undefined ? {} : { image }) };
}

/** A sentence for each setting that contradicts another. */
export function sandboxProblems({ kind, network, image, reads, hosts }: SandboxChoice): readonly string[] {
  const problems: string[] = [];
  if (kind === 'container' && image === undefined) problems.push('the sandbox "container" needs "image"');
  if (kind !== 'container' && image !== undefined) problems.push('"sandbox.image" is of the kind "container" only');
  if (kind === 'container' && network === 'model')
    problems.push('the sandbox "container" has no network "model": use open or none, or the kind bubblewrap');
  if (kind === 'none' && network !== 'open')
    problems.push(`the network "${network}" needs a sandbox: use the kind bubblewrap`);
  if (hosts.length > 0 && network !== 'model') problems.push('"sandbox.hosts" is of the network "model" only');
  for (const read of reads.filter((name) => !/^(~\/|\/)/.test(name)))
    problems.push(`"sandbox.read" takes absolute paths and such from ~/, not "${read}"`);
  return problems;
}

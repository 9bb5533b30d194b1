import { createHash } from 'node:crypto';
import { RULE_FILES, rulesSection } from '../domain/rules.ts';
import type { RuleText } from '../domain/rules.ts';
import type { RunRepository } from '../domain/run.ts';
import { fileAt } from './git/file.ts';
import { mirrorFolder } from './git/host.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** What the repositories' own rules, at the base commits, add to a prompt for this agent. */
export async function rulesFor(
  ports: Ports,
  { repositories, agent }: { readonly repositories: readonly RunRepository[]; readonly agent: string },
  io: Pick<Io, 'signal'>,
): Promise<string> {
  const rules: RuleText[] = [];
  for (const { key, url, baseCommit } of repositories)
    for (const file of RULE_FILES) {
      const text = await fileAt(ports.git, { mirror: mirrorFolder(ports.git, url), commit: baseCommit, file }, io);
      if (text === undefined || text.trim() === '') continue;
      rules.push({ repository: key, file, text, sha256: createHash('sha256').update(text).digest('hex') });
    }
  return rulesSection(rules, { agent, repositories: repositories.length });
}

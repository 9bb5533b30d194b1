import { dossierMarkdown } from '../domain/dossier-markdown.ts';
import { dossierOf } from '../domain/dossier.ts';
import type { ArtifactRef } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import { artifactFolder } from './folders.ts';
import type { Ports } from './ports.ts';
import { withoutSecrets } from './redact.ts';

export interface KeptDossier {
  readonly markdown: ArtifactRef;
  readonly json: ArtifactRef;
  /** Where a person opens the Markdown. */
  readonly place: string;
}

/** Keeps the dossier of the run's open question as `dossier-<question>.md` and `.json`, without secrets. */
export async function dossier(
  ports: Ports,
  { run, environment }: { readonly run: Run; readonly environment: string },
): Promise<KeptDossier> {
  const made = dossierOf(withoutSecrets(run, ports.redact), { environment });
  if (made === undefined) throw new TypeError('the run has no open question');
  const folder = artifactFolder(run.key);
  const name = `dossier-${made.question.id}`;
  const json = await ports.artifacts.put(folder, `${name}.json`, `${JSON.stringify(made, null, 2)}\n`);
  const markdown = await ports.artifacts.put(folder, `${name}.md`, dossierMarkdown(made));
  return { markdown, json, place: ports.artifacts.locate(markdown.ref) };
}

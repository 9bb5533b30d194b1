import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import getPort from 'get-port';
import { resourceName } from '../../../../activities/environments/variables.ts';
import type { KubernetesSettings } from '../../../../domain/environment.ts';
import { manifest, objects } from '../../../support/environments/manifest.ts';
import { endsUnfinished } from '../unfinished.ts';

async function choice(directory: string, env: readonly string[]): Promise<KubernetesSettings> {
  await mkdir(path.join(directory, 'k8s'));
  await writeFile(path.join(directory, 'k8s', 'shop.yaml'), await manifest());
  return {
    ...{ kind: 'kubernetes', directory, env, health: { api: '/healthz', web: '/healthz' }, seconds: 60 },
    ...{ manifests: ['k8s'], urls: {} },
  };
}

/** Takes long, once, before anything is applied; its shell's child has to end as well. */
async function building(directory: string, env: readonly string[]): Promise<KubernetesSettings> {
  const build = '[ -e "$CLUSTER_HOME/mode" ] || exit 0; rm "$CLUSTER_HOME/mode"; sleep 20; exit 1';
  return { ...(await choice(directory, env)), build };
}

async function charted(directory: string, env: readonly string[]): Promise<KubernetesSettings> {
  const folders = Object.fromEntries(['api', 'web'].map((key) => [`${key}.folder`, `\${${key.toUpperCase()}_DIR}`]));
  const api = await getPort();
  const web = await getPort({ exclude: [api] });
  const all = JSON.stringify([...objects('api', api), ...objects('web', web)]);
  await mkdir(path.join(directory, 'chart'));
  await writeFile(
    path.join(directory, 'chart', 'rendered.json'),
    all.replace('${API_DIR}', '<api.folder>').replace('${WEB_DIR}', '<web.folder>'),
  );
  const settings = await choice(directory, env);
  return { ...settings, manifests: [], chart: { path: 'chart', values: [], set: folders } };
}

endsUnfinished(
  {
    ...{ kind: 'kubernetes', script: 'cluster.ts', programs: ['kubectl', 'helm'], variable: 'CLUSTER_HOME' },
    destroying: 'delete',
  },
  [
    { shown: 'before its first step', dieAt: `namespace ${resourceName('shop/SPEC-1')}`, choice },
    { shown: 'while it makes the namespace', slow: 'Namespace', choice },
    { shown: 'while it builds', slow: 'build', choice: building },
    { shown: 'while it applies, with one of two pods started', slow: 'api', choice },
    { shown: 'while helm is at work', slow: 'helm', choice: charted },
  ],
);

import { mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { Project } from '../../domain/project.ts';
import { prepareShop } from '../../examples/prepare.ts';
import { projectIn, startProduct } from './product.ts';
import type { Product } from './product.ts';

/** The product and the folder that all tests of a file share. */
export interface Stage {
  /** Goes with the file. */
  readonly root: string;
  readonly product: Product;
}

/** Starts the product before the first test of the file, and stops it after the last. `variables` are added to the worker's environment. */
export function stageOfFile(
  name: string,
  variables: (root: string) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Stage {
  let root = '';
  let product: Product | undefined;
  beforeAll(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), `spec-to-pr-${name}-`)));
    product = await startProduct(path.join(root, 'home'), await variables(root));
  }, 60_000);
  afterAll(async () => {
    await product?.stop();
    await rm(root, { recursive: true, force: true });
  }, 60_000);
  return {
    get root() {
      return root;
    },
    get product() {
      if (product === undefined) throw new Error('the product starts before the first test');
      return product;
    },
  };
}

/** What a run is started with, and the folder that it is about. */
export interface Scene {
  readonly folder: string;
  readonly project: Project;
  readonly text: string;
}

/** The shop in a folder of its own below the file's; `script` replaces what the agent does. */
export async function shop(
  { root }: Stage,
  name: string,
  { script, changes = {} }: { readonly script?: string; readonly changes?: Partial<Project> } = {},
): Promise<Scene> {
  const folder = path.join(root, name);
  await prepareShop(folder);
  if (script !== undefined) await writeFile(path.join(folder, 'agent.yaml'), script);
  const text = await readFile(path.join(folder, 'spec.md'), 'utf8');
  return { folder, project: await projectIn(folder, changes), text };
}

/** The folder of a run's artifacts. */
export async function artifactsOf({ product }: Stage, workId: string): Promise<string> {
  const all = path.join(product.home, 'artifacts');
  const names = await readdir(all).catch(() => []);
  return path.join(all, names.find((name) => name.includes(workId)) ?? `none of ${workId}`);
}

/** Names of the agent sessions that a run has begun, such as `implement-1`: each was given a prompt. */
export async function sessionsOf(stage: Stage, workId: string): Promise<readonly string[]> {
  const files = await readdir(await artifactsOf(stage, workId), { recursive: true }).catch(() => []);
  return files
    .filter((file) => path.basename(file) === 'prompt.md')
    .map((file) => path.dirname(file))
    .toSorted();
}

/** The prompt of one session of a run. */
export async function promptOf(stage: Stage, workId: string, session: string): Promise<string> {
  return readFile(path.join(await artifactsOf(stage, workId), session, 'prompt.md'), 'utf8');
}

/** The activities that a run has had scheduled, by their ids, such as `deploy:1`. */
export async function activitiesOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<readonly string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityId == null ? [] : [scheduled.activityId],
  );
}

/** Names of the environments that are there for a work item. */
export async function environmentsOf({ product }: Stage, workId: string): Promise<readonly string[]> {
  const names = await readdir(path.join(product.home, 'environments')).catch(() => []);
  return names.filter((name) => name.includes(workId));
}

// Records the histories that the replay test replays: one for each ending, or those that are named. Run it when a new ending exists, never to make a red replay green.
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { prepareShop } from '../examples/prepare.ts';
import { comment } from '../tests/support/github/issues.ts';
import { TOKEN, startGitHub } from '../tests/support/github/server.ts';
import { projectIn, startProduct } from '../tests/support/product.ts';
import { leaveBehind } from '../tests/support/environments/left-behind.ts';
import { git } from '../tests/support/repository.ts';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { budgetIdOf } from '../domain/ids.ts';
import type { CommandSettings } from '../domain/environment.ts';
import { leaseIdOf, ownerOf, poolIdOf } from '../domain/lease.ts';
import type { SweepOrder } from '../domain/sweep.ts';
import { poolOrderOf } from '../domain/pool.ts';
import { hostOf } from '../worker/host.ts';
import { signHost } from '../worker/hosts.ts';
import { temporalLeases } from '../worker/leases.ts';
import type { Limits, Project } from '../domain/project.ts';
import type { Answer } from '../domain/answer.ts';
import type { Run } from '../domain/run.ts';
import type { WaitingPolicy } from '../domain/waiting.ts';
import {
  HOSTS_ID,
  LEASE,
  SWEEP,
  WORKFLOW_QUEUE,
  answer,
  answerSignal,
  extendLease,
  poolState,
  releaseLease,
} from '../workflows/contract.ts';
import type { lease } from '../workflows/index.ts';

const root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-record-')));
const hub = await startGitHub(root, { talk: { 'a.txt': 'one\n' } });
const checkout = path.dirname(import.meta.dirname);
const renamed = (text: string): string => text.replaceAll(root, '/srv/record').replaceAll(checkout, '/srv/spec-to-pr');
const product = await startProduct(path.join(root, 'home'), { GITHUB_TOKEN: TOKEN });
const wanted = process.argv.slice(2);
const NOTHING = 'attempts: [{ steps: [{ say: All done! }] }]';
const PARKED = 'attempts: [{ steps: [{ end: { as: quota_parked, why: used up, in: 2 } }, { say: Nothing to do. }] }]';
const spends = (usd: number, as: string): string => `{ steps: [{ spend: { usd: ${usd} } }, { end: { as: ${as} } }] }`;
const SPENDING = `attempts: [${spends(0.5, 'incomplete_handoff')}, ${spends(0.25, 'contract_violation')}]`;
const BROKEN = `attempts: [{ steps: [{ run: "date +%N > api/stamp.txt" }, { write: { file: api/test/new.test.js, content: "throw new Error('broken');" } }] }]`;

await record('completed', { answers: [] });
await record('aborted', {
  script: NOTHING,
  answers: [
    { decision: 'retry', guidance: 'Change something.', by: 'ann' },
    { decision: 'abort', by: 'ben' },
  ],
});
await record('parked', { script: PARKED, answers: [{ decision: 'abort', by: 'ann' }] });
await record('completed_draft', { script: BROKEN, answers: [{ decision: 'accept_draft' }] });
await record('expired', {
  script: NOTHING,
  answers: [],
  waiting: { remindSeconds: 1, fallback: { decision: 'abort', afterSeconds: 2.5 } },
});
await record('commented', { script: NOTHING, answers: [], comments: ['/spec-to-pr merge', '/spec-to-pr abort'] });
await record('unfunded', {
  script: SPENDING,
  answers: [{ decision: 'retry', usd: 0.25, by: 'ann' }, { decision: 'abort' }],
  limits: { project: { usd: 0.5, per: 'month' } },
});
await record('replanned', {
  script: NOTHING,
  answers: [{ decision: 'replan', guidance: 'Plan anew.', by: 'ann' }, { decision: 'abort' }],
});
await record('reprovisioned', {
  answers: [{ decision: 'abort', by: 'ann' }],
  limits: { infraBackoffSeconds: [1, 1] },
  environment: byCommands({ deploy: 'echo getaddrinfo ENOTFOUND db.invalid; exit 1', destroy: 'true' }),
});
await record('taken_over', {
  script: BROKEN,
  answers: [
    { decision: 'take_over', by: 'ann' },
    { decision: 'resume', by: 'ann' },
    { decision: 'resume', by: 'ann' },
    { decision: 'accept_draft', by: 'ann' },
  ],
  work: { q3: commitInClone },
});
if (wanted.length === 0 || wanted.includes('unfunded'))
  await save('ledger', product.server.client.workflow.getHandle(budgetIdOf('shop')));
if (wanted.length === 0 || wanted.includes('lease')) await recordLease();
if (wanted.length === 0 || wanted.includes('unseen')) await recordUnseen();
if (wanted.length === 0 || wanted.includes('pool')) await recordPool();
if (wanted.length === 0 || wanted.includes('sweep')) await recordSweep();
await product.stop();
await hub.stop();
await rm(root, { recursive: true, force: true });

interface Course {
  readonly script?: string;
  readonly answers: readonly Answer[];
  /** Written below the question, on GitHub. */
  readonly comments?: readonly string[];
  readonly waiting?: WaitingPolicy;
  readonly limits?: Partial<Limits>;
  readonly environment?: CommandSettings;
  /** What a person does before answering a question, by its id. */
  readonly work?: Readonly<Record<string, (run: Run) => void>>;
}

async function record(
  name: string,
  { script, answers, comments, waiting, limits, environment, work = {} }: Course,
): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const folder = path.join(root, name);
  await prepareShop(folder);
  if (script !== undefined) await writeFile(path.join(folder, 'agent.yaml'), script);
  const project = await projectIn(folder);
  const handle = await product.start({
    project: {
      ...project,
      limits: { ...project.limits, ...limits },
      ...(environment === undefined ? {} : { environment }),
      ...(waiting === undefined ? {} : { waiting }),
      ...(comments === undefined ? {} : onGitHub()),
    },
    text: await readFile(path.join(folder, 'spec.md'), 'utf8'),
    workId: name,
  });
  for (const [index, given] of answers.entries()) {
    let run = await product.settled(name);
    while (run.escalation?.id !== `q${index + 1}`) run = await product.settled(name);
    work[`q${index + 1}`]?.(run);
    if (given.decision === 'abort') await handle.signal(answerSignal, given);
    else await handle.executeUpdate(answer, { args: [given] }).catch(refused);
  }
  for (const text of comments ?? []) {
    while (hub.issues.get('talk')?.length === 0) await wait(100);
    hub.issues.get('talk')?.[0]?.comments.push(comment(text, { author: 'ann' }));
  }
  await handle.result();
  await save(name, handle);
}

function byCommands(commands: CommandSettings['commands']): CommandSettings {
  return { ...{ kind: 'command', directory: root, env: [], health: {}, seconds: 30 }, commands };
}

/** People are told on GitHub and answer there. */
function onGitHub(): Pick<Project, 'notifiers' | 'listener'> {
  const channel = { name: 'github', options: { api_url: hub.url, repository: hub.cloneUrl('talk') } };
  const policy = { authors: ['ann'], associations: [] };
  return { notifiers: [channel], listener: { ...channel, policy, pollSeconds: 1 } };
}

/** A resume without a commit is an update that fails. */
function refused(error: unknown): void {
  if (!(error instanceof WorkflowUpdateFailedError)) throw error;
}

function commitInClone({ takeover }: Run): void {
  git(takeover?.worktrees[0]?.directory ?? '', 'commit', '--quiet', '--allow-empty', '--message', 'Look closer');
}

/** Of an environment that a run has had. */
async function recordLease(): Promise<void> {
  if (wanted.length > 0) throw new RangeError('a lease is recorded with the runs that had one');
  for await (const { workflowId, status } of product.server.client.workflow.list({
    query: `WorkflowType = "${LEASE}"`,
  }))
    if (status.name === 'COMPLETED') return save('lease', product.server.client.workflow.getHandle(workflowId));
}

/** Of a lease whose provider cannot be called on any host; the one that has worked on the environment knows that it made nothing. */
async function recordUnseen(): Promise<void> {
  const environment = { ...byCommands({ deploy: 'true', destroy: 'true' }), directory: path.join(root, 'nowhere') };
  const handle = await product.server.client.workflow.start<typeof lease>(LEASE, {
    workflowId: leaseIdOf('shop', 'unseen'),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ project: 'shop', environment, name: 'unseen', owner: 'shop/unseen', seconds: 60 }],
  });
  await handle.signal(extendLease, { host: hostOf(product.home) });
  await handle.signal(releaseLease);
  await handle.result();
  await save('unseen', handle);
}

/** Of one environment that is made ahead, handed out, and made again, until the pool is ended. */
async function recordPool(): Promise<void> {
  const folder = path.join(root, 'pool');
  await prepareShop(folder);
  const project = await projectIn(folder);
  const leases = await temporalLeases(product.server.client);
  const order = poolOrderOf({ ...project, leases: { ...project.leases, minReady: 1 } });
  const handle = product.server.client.workflow.getHandle(poolIdOf('shop'));
  await leases.requestPool({ order });
  const ready = async (): Promise<boolean> => (await handle.query(poolState)).members[0]?.state === 'ready';
  while (!(await ready())) await wait(100);
  await leases.requestPool({ order, take: { key: 'one', owner: 'shop/ONE' } });
  while (!(await ready())) await wait(100);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  await save('pool', handle);
}

/** Of a sweep that finds and erases what two hosts have left, while a third is down. */
async function recordSweep(): Promise<void> {
  const other = path.join(root, 'other');
  const dismiss = await product.hireElsewhere(other);
  const { client } = product.server;
  const { installation } = await temporalLeases(client);
  for (const home of [product.home, other])
    await leaveBehind(home, { name: path.basename(home), owner: ownerOf(installation, 'shop/GONE') });
  const order: SweepOrder = {
    ...{
      project: 'shop',
      environment: { kind: 'process' },
      notifiers: [{ name: 'log', options: {} }],
      repositories: [],
    },
    ...{ erase: true, graceSeconds: 1 },
  };
  for (const host of [hostOf(product.home), hostOf(other), 'down']) await signHost(client, host);
  const handle = await client.workflow.start(SWEEP, { workflowId: 'sweep', taskQueue: WORKFLOW_QUEUE, args: [order] });
  await handle.result();
  await dismiss();
  await save('sweep', handle);
  await save('hosts', client.workflow.getHandle(HOSTS_ID));
}

async function save(name: string, handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  const text = JSON.stringify(JSON.parse(historyToJSON(await handle.fetchHistory())), neutral);
  await writeFile(path.join(import.meta.dirname, '../tests/replay', `${name}.json`), `${text}\n`);
}

/** Folders of the recording machine get other names, inside of payloads too. */
function neutral(key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (key !== 'data') return renamed(value);
  return Buffer.from(renamed(Buffer.from(value, 'base64').toString('utf8'))).toString('base64');
}

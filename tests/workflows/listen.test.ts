import { afterAll, expect, test } from '@jest/globals';
import { talkOf } from '../../activities/forges/github-talk.ts';
import type { ListenerChoice } from '../../domain/project.ts';
import { DELIVER, WORKFLOW_QUEUE } from '../../workflows/contract.ts';
import type { deliver } from '../../workflows/index.ts';
import { comment } from '../support/github/issues.ts';
import { TOKEN, startGitHub } from '../support/github/server.ts';
import type { GitHub } from '../support/github/server.ts';
import { commit, implementation, plannedRun, play, red } from '../support/run.ts';
import { activitiesOf, shop, stageOfFile } from '../support/whole-runs.ts';

let hub: GitHub;
const stage = stageOfFile('listen', async (root) => {
  hub = await startGitHub(root, { talk: { 'a.txt': 'one\n' } });
  return { GITHUB_TOKEN: TOKEN };
});
afterAll(() => hub.stop());

function listenerOf(): ListenerChoice {
  const options = { api_url: hub.url, repository: hub.cloneUrl('talk') };
  return { name: 'github', options, policy: { authors: ['ann'], associations: [] }, pollSeconds: 1 };
}

/** The run's own issue, with a command that was heard already. */
function issue(run: string): { id: number; url: string } {
  const { mark } = talkOf({ token: TOKEN, apiUrl: hub.url });
  const said = comment('/spec-to-pr retry --usd 0', { author: 'ann' });
  const body = `${mark(run)}\n${mark('f1:q1')}\nA decision is needed.`;
  hub.issues.get('talk')?.push({ number: 1, title: 'CARRY', body, state: 'open', comments: [said] });
  return { id: said.id, url: `${hub.url}/acme/talk/issues/1#issuecomment-${said.id}` };
}

test('a run that continues as new gives the replies that are due, and does not hear a comment again', async () => {
  const { project } = await shop(stage, 'carry', { changes: { notifiers: [], listener: listenerOf() } });
  const heard = issue('shop/CARRY:f1');
  const subject = {
    ...{ workId: 'CARRY', run: 'shop/CARRY:f1', startedAt: Date.now() },
    ...{ pullRequests: [], repositories: [hub.cloneUrl('talk')] },
  };
  const run = {
    ...play(
      plannedRun(),
      [1, 2].flatMap((n) => [implementation({ commits: commit(n) }), red('checks', 'f', 1, commit(n))]),
    ),
    ...{ workId: 'CARRY', key: { workflowId: 'shop/CARRY', firstRunId: 'f1' } },
  };
  const unsaid = [{ comment: { thread: { owner: 'acme', repo: 'talk', number: 1 }, ...heard }, subject, text: 'Due.' }];
  const question = { question: 'q1', key: 'f1:q1', first: 'f1:q1' };
  const ear = { order: { ...question, subject, after: heard.id, since: Date.now() }, unsaid };
  const source = { kind: 'inline', name: 'test', text: '' } as const;
  const handle = await stage.product.server.client.workflow.start<typeof deliver>(DELIVER, {
    workflowId: 'shop/CARRY',
    taskQueue: WORKFLOW_QUEUE,
    args: [{ workId: 'CARRY', project, source, run, ear }],
  });
  const last = comment('/spec-to-pr abort', { author: 'ann' });
  hub.issues.get('talk')?.[0]?.comments.push(last);
  expect(await handle.result()).toMatchObject({ ending: 'aborted', answers: [{ decision: 'abort', by: 'ann' }] });
  const said = hub.issues.get('talk')?.[0]?.comments.map(({ body }) => body.split('\n').at(-1));
  expect(said).toEqual([
    '/spec-to-pr retry --usd 0',
    '/spec-to-pr abort',
    'Due.',
    'Accepted for `q1`: `abort` by `ann`.',
  ]);
  const steps = (await activitiesOf(handle)).filter((id) => /^(listen|reply):/.test(id));
  expect(steps).toEqual([
    ...[`reply:${heard.id}`, `listen:q1:${heard.id}`],
    ...[`reply:${last.id}`, `listen:last:${last.id}`],
  ]);
}, 60_000);

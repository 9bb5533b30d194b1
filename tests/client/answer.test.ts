import { expect, test } from '@jest/globals';
import { answerRun } from '../../client/runs.ts';
import { state } from '../../workflows/contract.ts';
import { idleProject } from '../support/idle-project.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('answer');

test('an answer that no worker can take is not given: nothing is decided until it is given again', async () => {
  const { root, product } = stage;
  const project = await idleProject(root, 'idle');
  const handle = await product.start({ project, text: '# Feature\n\n- It works.\n', workId: 'ALONE' });
  await product.settled('ALONE');
  const { client } = product.server;
  const session = { client, namespace: 'default', address: '', close: async () => undefined };
  await product.dismiss();
  await expect(answerRun(session, 'shop/ALONE', { decision: 'abort' })).rejects.toMatchObject({
    name: 'UsageError',
    exitCode: 1,
    message: expect.stringMatching(
      /^the run shop\/ALONE does not answer: is a worker up\? `spec-to-pr up` starts one, and nothing is decided: /,
    ),
  });
  await product.hire();
  const reply = await answerRun(session, 'shop/ALONE', { decision: 'retry', guidance: 'Try again.' });
  expect(reply).toContain('retry');
  await product.settled('ALONE');
  const run = await handle.query(state);
  expect(run.answers.map(({ decision }) => decision)).toEqual(['retry']);
  await answerRun(session, 'shop/ALONE', { decision: 'abort' });
  expect((await handle.result()).ending).toBe('aborted');
}, 120_000);

import { expect, test } from '@jest/globals';
import { candidates } from './candidates.ts';
import { setUp } from './contract.ts';

test('tokens are told apart, those of the cache too, with the model that answered', async () => {
  const codex = candidates.find(({ name }) => name === 'codex');
  if (codex === undefined) throw new Error('codex is not tried');
  const scene = await setUp(codex, [{ write: 'hello.txt', content: 'hello\n' }, { report: { status: 'done' } }]);
  try {
    const report = await scene.run();
    expect(report).toMatchObject({ end: 'done', usd: 0, tokens: 2200 });
    expect(report.usage).toEqual({ input: 1600, output: 200, cached: 400, model: expect.stringMatching(/^gpt-/) });
    // Called again, it reads what has ended.
    expect((await scene.run()).usage).toEqual(report.usage);
  } finally {
    await scene.stop();
  }
}, 60_000);

import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Agent, AgentConfig } from '../../../activities/agents/index.ts';
import { agentScene } from '../../support/agent.ts';
import { temporaryFolder } from '../../support/folder.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const PARROT = `#!/bin/sh
cat > prompt.txt; echo "$*" > arguments.txt
echo '{"kind":"hatched","nest":"oak"}'
echo '{"kind":"said","words":"hello"}'
echo '{"kind":"result","cost":0.5,"report":{"status":"done","summary":"greeted"}}'
`;

interface Module {
  readonly parrot: (config: AgentConfig) => Agent;
}

/** The code of the page as a module: its imports are those of a file in activities/agents. */
async function pageCode(): Promise<{ lines: number; module: Module }> {
  const page = await readFile(path.join(ROOT, 'docs', 'add-an-agent.md'), 'utf8');
  const code = page.split('```ts\n')[1]?.split('```')[0] ?? '';
  const agents = pathToFileURL(path.join(ROOT, 'activities', 'agents')).href;
  const root = pathToFileURL(ROOT).href;
  const file = path.join(await temporaryFolder(), 'parrot.ts');
  await writeFile(file, code.replaceAll("from './", `from '${agents}/`).replaceAll("from '../../", `from '${root}/`));
  const module: Module = await import(file);
  return { lines: code.trimEnd().split('\n').length, module };
}

test('the adapter of the page has under 60 lines and runs a CLI as the page says', async () => {
  const { lines, module } = await pageCode();
  expect(lines).toBeLessThan(60);
  const { task, folder, run } = await agentScene(module.parrot, { options: {} });
  const file = path.join(folder, 'parrot');
  await writeFile(file, PARROT);
  await chmod(file, 0o755);
  Object.assign(task.options, { command: file });
  const said: string[] = [];
  const report = await run({ progress: (step) => said.push(step) });
  expect(report).toMatchObject({ end: 'done', why: '', summary: 'greeted', sessionId: 'oak', usd: 0.5, turns: 1 });
  expect(said).toEqual(['hello']);
  expect(await readFile(path.join(task.directory, 'arguments.txt'), 'utf8')).toContain(`--name ${task.sessionId}`);
  expect(
    (await readFile(report.transcript, 'utf8'))
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    { type: 'session', id: 'oak' },
    { type: 'text', text: 'hello' },
    { type: 'usage', usd: 0.5 },
    { type: 'end' },
  ]);
});

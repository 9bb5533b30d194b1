import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { prepareShop } from '../examples/prepare.ts';
import type { Figure } from './run.ts';
import { cli, timed } from './support.ts';

// The best of so many on either side: other work on the machine only ever adds.
const ROUNDS = 2;
const PLAIN = path.join(import.meta.dirname, 'plain.sh');
// The scripted agent's steps of an attempt, as a shell would take them.
const PLAYER = `cp -r ../attempts/$1/. . && (cd api && npm test >/dev/null 2>&1) && if [ "$1" = 1 ]; then (cd web && npm test >/dev/null 2>&1); fi`;

/** The demo's work by the product against a shell script that does the same without an orchestrator. */
export async function measureOverhead(folder: string): Promise<readonly Figure[]> {
  const home = path.join(folder, 'home');
  await cli(home, folder, 'up');
  const figures: Figure[] = [];
  for (const [seconds, target] of [
    [0.2, 2],
    [10, 1.1],
  ] as const) {
    const times: { bare: number[]; product: number[] } = { bare: [], product: [] };
    for (let round = 1; round <= ROUNDS; round += 1) {
      const plain = await shop(path.join(folder, `plain-${seconds}-${round}`), seconds);
      await writeFile(path.join(plain, 'player.sh'), PLAYER);
      times.bare.push(await timed(() => execa('sh', [PLAIN, plain, String(seconds), 'sh ../player.sh'])));
      const own = await shop(path.join(folder, `own-${seconds}-${round}`), seconds);
      const id = `B${String(seconds).replace('.', '-')}-${round}`;
      times.product.push(await timed(() => cli(home, own, 'run', '--file', 'spec.md', '--work-id', id)));
    }
    figures.push({
      name: `demo's work against a shell script, agent calls of ${seconds} s`,
      value: Math.min(...times.product) / Math.min(...times.bare),
      unit: 'x',
      target,
    });
  }
  figures.push(...(await history(home)));
  await cli(home, folder, 'down');
  return figures;
}

async function shop(folder: string, seconds: number): Promise<string> {
  await prepareShop(folder);
  const script = path.join(folder, 'agent.yaml');
  await writeFile(script, (await readFile(script, 'utf8')).replaceAll('wait: 300', `wait: ${seconds * 1000}`));
  const project = path.join(folder, 'spec-to-pr.yaml');
  // The plain script does not run a red suite again, either.
  await writeFile(project, (await readFile(project, 'utf8')).replace('min_tests: 3', 'min_tests: 3, reruns: 0'));
  return folder;
}

async function history(home: string): Promise<readonly Figure[]> {
  const { connect } = await import('../client/connect.ts');
  const session = await connect(process.env, home);
  const { historyLength, historySize } = await session.client.workflow.getHandle('shop/B0-2-1').describe();
  await session.close();
  return [
    { name: "history of the demo's run", value: historyLength, unit: 'events', target: 300 },
    { name: "history of the demo's run", value: (historySize ?? 0) / 1000, unit: 'kB', target: 100 },
  ];
}

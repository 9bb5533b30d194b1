import path from 'node:path';
import { execa } from 'execa';
import { prepareShop } from '../examples/prepare.ts';
import type { Figure } from './run.ts';
import { MAIN, cli, median, timed } from './support.ts';

const ROUNDS = 9;

/** Start of the compiled CLI against a bare Node, in turn. */
export async function measureCli(folder: string): Promise<readonly Figure[]> {
  const shop = path.join(folder, 'shop');
  const home = path.join(folder, 'home');
  await prepareShop(shop);
  await cli(home, shop, 'run', '--file', 'spec.md', '--work-id', 'B');
  const times: Record<'bare' | 'help' | 'status', number[]> = { bare: [], help: [], status: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.bare.push(await timed(() => execa(process.execPath, ['-e', '0'])));
    times.help.push(await timed(() => execa(process.execPath, [MAIN, '--help'])));
    times.status.push(
      await timed(() => execa(process.execPath, [MAIN, 'status', 'B'], { env: { SPEC_TO_PR_HOME: home } })),
    );
  }
  await cli(home, shop, 'down');
  const bare = median(times.bare);
  return [
    { name: 'CLI --help against node -e 0', value: median(times.help) / bare, unit: 'x', target: 2.5 },
    { name: 'CLI status against node -e 0', value: median(times.status) / bare, unit: 'x', target: 5 },
  ];
}

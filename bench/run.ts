import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measureAttempt } from './attempt.ts';
import { measureCli } from './cli.ts';
import { measureEnvironments } from './environments.ts';
import { measureEvidence } from './evidence.ts';
import { measureGap } from './gap.ts';
import { measureOverhead } from './overhead.ts';
import { measureRecovery } from './recovery.ts';
import { measureSnapshot } from './snapshot.ts';
import { measureSupervision } from './supervision.ts';
import { build } from './support.ts';
import { measureWarm } from './warm.ts';

/** One figure: what was measured, what it is compared with, and the target. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number;
}

const results = path.join(import.meta.dirname, 'results');
const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-bench-')));
const figures: Figure[] = [];
await build();
try {
  for (const measure of [
    measureEvidence,
    measureSnapshot,
    measureSupervision,
    measureCli,
    measureOverhead,
    measureGap,
    measureRecovery,
    measureAttempt,
    measureWarm,
    measureEnvironments,
  ]) {
    const measured = await measure(await made(path.join(folder, measure.name)));
    figures.push(...measured);
    for (const { name, value, unit, target } of measured)
      process.stdout.write(
        `${value <= target ? 'ok  ' : 'over'} ${name}: ${value.toFixed(2)} ${unit} (target ${target})\n`,
      );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
await mkdir(results, { recursive: true });
await writeFile(
  path.join(results, 'latest.json'),
  `${JSON.stringify({ at: new Date().toISOString(), figures }, null, 2)}\n`,
);
process.stdout.write(`Stored in ${path.relative(process.cwd(), path.join(results, 'latest.json'))}\n`);

async function made(place: string): Promise<string> {
  await mkdir(place, { recursive: true });
  return place;
}

import path from 'node:path';
import { execa } from 'execa';
import type { Figure } from './run.ts';

/** Reading a large report, and the fingerprint of many failures. */
export async function measureEvidence(): Promise<readonly Figure[]> {
  const [junit, fingerprint] = [await measured('junit'), await measured('fingerprint')];
  return [
    { name: 'reading a JUnit report of 10 MB', value: junit.seconds, unit: 's', target: 1 },
    { name: 'reading a JUnit report of 10 MB', value: junit.megabytes, unit: 'MB', target: 200 },
    { name: 'fingerprint of 10,000 failures', value: fingerprint.seconds, unit: 's', target: 1 },
  ];
}

async function measured(kind: string): Promise<{ seconds: number; megabytes: number }> {
  const script = path.join(import.meta.dirname, 'parsing.ts');
  const { stdout } = await execa(process.execPath, ['--disable-warning=ExperimentalWarning', script, kind]);
  const result: { seconds: number; megabytes: number } = JSON.parse(stdout);
  return result;
}

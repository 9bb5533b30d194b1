import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { AgentName } from '../../../activities/agents/index.ts';
import { candidates } from './candidates.ts';
import { CASES } from './cases.ts';
import type { Candidate, Case, CaseName } from './cases.ts';
import { setUp } from './contract.ts';
import type { Scene } from './contract.ts';
import { TREATMENT_TESTS } from './treatments.ts';

/** Tests wait for each other's turn on a busy machine. */
const PATIENCE_MS = 180_000;

/** Makes a scene that goes with the suite. */
export type Stager = (...given: Parameters<typeof setUp>) => Promise<Scene>;

/** Registers every test of the contract for one adapter: side by side, for an agent mostly waits. */
export function contract(name: AgentName): void {
  const candidate = candidates.find((one) => one.name === name);
  if (candidate === undefined) throw new Error(`no candidate ${name}`);
  const scenes: Scene[] = [];
  const stage: Stager = async (...given) => {
    const scene = await setUp(...given);
    scenes.push(scene);
    return scene;
  };
  afterAll(() => Promise.all(scenes.map((scene) => scene.stop())));
  describe(name, () => {
    for (const [title, run] of Object.entries(testsOf(candidate, stage))) test.concurrent(title, run, PATIENCE_MS);
  });
}

/** The tests of all cases that the candidate does not lack, by the names of the cases. */
export function testsOf(candidate: Candidate, stage: Stager): Readonly<Record<string, () => Promise<void>>> {
  const endings = Object.entries<Case>(CASES).map(([title, each]) => [
    title,
    () => ends(candidate, expected(candidate, title, each), stage),
  ]);
  const treatments = Object.entries(TREATMENT_TESTS).map(([title, run]) => [title, () => run(candidate, stage)]);
  const lacked = (title: unknown): boolean => candidate.lacks[title as CaseName] !== undefined;
  return Object.fromEntries([...endings, ...treatments].filter(([title]) => !lacked(title)));
}

function expected({ otherwise = {} }: Candidate, title: string, each: Case): Case {
  const end = otherwise[title as CaseName] ?? each.ends.end;
  return { ...each, ends: { ...each.ends, end } };
}

async function ends(candidate: Candidate, { acts, limits, ends, quotaIn }: Case, stage: Stager): Promise<void> {
  const scene = await stage(candidate, acts, limits);
  const ended = await scene.run();
  expect({ ...ended, left: await scene.living() }).toMatchObject({ ...ends, left: [] });
  expect(scene.asked()).toBeGreaterThan(0);
  if (ends.end !== 'done') expect(ended.why).toMatch(/^[^\n]{5,400}$/);
  // A model's answer counts 1100: the third passes the limit, the fourth may be under way.
  if (limits?.tokens !== undefined) expect([3300, 4400]).toContain(ended.tokens);
  if (quotaIn !== undefined) expect(Math.abs((ended.until ?? 0) - Date.now() - quotaIn * 1000)).toBeLessThan(90_000);
  for (const act of acts)
    if ('write' in act && ends.end === 'done')
      expect(await readFile(path.join(scene.task.directory, act.write), 'utf8')).toBe(act.content);
}

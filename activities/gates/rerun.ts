import type { Flake } from '../../domain/gate.ts';
import type { CommandVerdict } from './command.ts';

/** More failing tests than these are no coincidence: they do not run again. */
const MAX_FLAKES = 5;

/**
 * Runs a red test command again on the same commits, up to `reruns` times. A test that fails once and passes then is a flake:
 * when only flakes are left the command passed, and they are recorded. A test that fails every time keeps its first evidence.
 */
export async function confirm(
  first: CommandVerdict,
  { reruns, again }: { readonly reruns: number; readonly again: (round: number) => Promise<CommandVerdict> },
): Promise<CommandVerdict> {
  let verdict = first;
  const files = [...first.files];
  const flaky = [...(first.flakes ?? [])];
  for (let round = 1; round <= reruns && mayFlake(verdict); round += 1) {
    const next = await again(round);
    files.push(...next.files);
    flaky.push(...(next.flakes ?? []));
    const failing = next.findings.map(({ id }) => id);
    const left = verdict.findings.filter(({ id }) => failing.includes(id));
    // Another kind of failure, or other tests: what the first run left behind may be why, so its blame stands.
    if (next.result !== 'passed' && (next.failureClass !== 'test_failure' || left.length === 0)) break;
    const passed = verdict.findings.filter((finding) => !left.includes(finding));
    flaky.push(...passed.map(({ id }) => ({ id, rate: { failed: round, runs: round + 1 } })));
    if (next.result === 'passed') return { ...next, flakes: onceEach(flaky), files };
    verdict = left.length === failing.length ? next : { ...verdict, findings: left };
    if (passed.length === 0) break;
  }
  return { ...verdict, ...(flaky.length === 0 ? {} : { flakes: onceEach(flaky) }), files };
}

/** A rate is kept where any is known. */
function onceEach(flakes: readonly Flake[]): readonly Flake[] {
  const told = flakes.toSorted((a, b) => Number(a.rate === undefined) - Number(b.rate === undefined));
  return told.filter(({ id }, index) => told.findIndex((one) => one.id === id) === index);
}

function mayFlake({ result, failureClass, findings, tests }: CommandVerdict): boolean {
  return result === 'failed' && failureClass === 'test_failure' && tests !== null && findings.length <= MAX_FLAKES;
}

import { createHash } from 'node:crypto';
import type { GateResult, TestCounts } from '../../domain/gate.ts';
import type { CommandVerdict } from './command.ts';
import { lastPart } from './text.ts';

const MAX_FINDINGS = 20;
const MAX_EXCERPT = 4000;

/** What a gate's caller adds to its commands' verdicts. */
export type Verdict = Omit<GateResult, 'gate' | 'commits' | 'artifacts' | 'seconds'>;

/** One verdict from all commands of a gate: every one has to have passed, and something has to have run. */
export function combine(verdicts: readonly CommandVerdict[]): Verdict {
  const failing = verdicts.filter(({ result }) => result !== 'passed');
  const worst =
    failing.find(({ failureClass }) => failureClass === 'infra') ??
    failing.find(({ result }) => result === 'failed') ??
    failing[0];
  const examined = verdicts.reduce((sum, verdict) => sum + verdict.examined, 0);
  const flakes = verdicts.flatMap((verdict) => verdict.flakes ?? []);
  const criteria = verdicts.find((verdict) => verdict.criteria !== undefined)?.criteria;
  const common = {
    examined,
    tests: total(verdicts),
    findings: failing.flatMap(({ findings }) => findings).slice(0, MAX_FINDINGS),
    ...(flakes.length === 0 ? {} : { flakes }),
    ...(criteria === undefined ? {} : { criteria }),
  };
  if (worst !== undefined)
    return {
      ...common,
      result: worst.result === 'failed' ? 'failed' : 'not_run',
      why: `${worst.why}${others(failing.length - 1)}`,
      failureClass: worst.failureClass,
      fingerprint: fingerprintOf(failing),
      excerpt: excerptOf(failing),
    };
  if (examined === 0)
    return {
      ...common,
      result: 'not_run',
      why: 'nothing was run',
      failureClass: 'no_tests',
      fingerprint: 'no_tests',
      excerpt: '',
    };
  return { ...common, result: 'passed', why: '', failureClass: null, fingerprint: '', excerpt: '' };
}

function others(count: number): string {
  return count === 0 ? '' : ` (and ${count} more ${count === 1 ? 'command' : 'commands'})`;
}

function total(verdicts: readonly CommandVerdict[]): TestCounts | null {
  const counts = verdicts.map(({ tests }) => tests).filter((tests) => tests !== null);
  const red = verdicts.some(({ tests, result }) => tests === null && result !== 'passed');
  if (counts.length === 0 || red) return null;
  const sum = (field: keyof TestCounts): number => counts.reduce((all, tests) => all + tests[field], 0);
  return { passed: sum('passed'), failed: sum('failed'), total: sum('total') };
}

/** Each failing command has the same room, so that the last one does not push the others out. */
function excerptOf(failing: readonly CommandVerdict[]): string {
  const room = Math.floor(MAX_EXCERPT / failing.length);
  const parts = failing.map(({ name, excerpt }) => {
    const title = `== ${name}\n`;
    return title + lastPart(excerpt.trimEnd(), Math.max(0, room - title.length - 1));
  });
  return parts.join('\n').slice(0, MAX_EXCERPT);
}

/** Order of commands does not matter; a failure without a fingerprint of its own makes the whole unknown. */
function fingerprintOf(failing: readonly CommandVerdict[]): string {
  if (failing.some(({ fingerprint }) => fingerprint === '')) return '';
  const parts = failing.map(({ name, fingerprint }) => `${name}=${fingerprint}`).toSorted();
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}

import { expect, test } from '@jest/globals';
import { combine } from '../../../activities/gates/combine.ts';
import type { CommandVerdict } from '../../../activities/gates/command.ts';
import type { Finding } from '../../../domain/gate.ts';

const green = (name: string, passed: number): CommandVerdict => ({
  name,
  result: 'passed',
  examined: passed,
  tests: { passed, failed: 0, total: passed },
  why: '',
  failureClass: null,
  fingerprint: '',
  findings: [],
  excerpt: '',
  files: [],
});
const finding = (id: string): Finding => ({ id, severity: 'high', where: id, title: id, evidence: id });
const red = (name: string, fingerprint: string, changes: Partial<CommandVerdict> = {}): CommandVerdict => ({
  ...green(name, 1),
  result: 'failed',
  examined: 2,
  tests: { passed: 1, failed: 1, total: 2 },
  why: `${name}: 1 test failed`,
  failureClass: 'test_failure',
  fingerprint,
  findings: [finding(`${name}:t`)],
  excerpt: `output of ${name}\n`,
  ...changes,
});
const infra = red('web:setup', '', {
  result: 'not_run',
  examined: 0,
  tests: null,
  why: 'web: set-up failed',
  failureClass: 'infra',
  findings: [],
});

test('green commands add up', () => {
  const lint = { ...green('api:lint', 1), tests: null };
  expect(combine([green('api:unit', 4), lint, green('web:unit', 3)])).toEqual({
    result: 'passed',
    examined: 8,
    tests: { passed: 7, failed: 0, total: 7 },
    why: '',
    failureClass: null,
    fingerprint: '',
    findings: [],
    excerpt: '',
  });
});

test('no command at all is not a pass', () => {
  expect(combine([])).toEqual({
    result: 'not_run',
    examined: 0,
    tests: null,
    why: 'nothing was run',
    failureClass: 'no_tests',
    fingerprint: 'no_tests',
    findings: [],
    excerpt: '',
  });
});

test('one red command fails the gate and brings its evidence', () => {
  const verdict = combine([green('api:unit', 4), red('web:unit', 'f1')]);
  expect(verdict).toEqual({
    result: 'failed',
    examined: 6,
    tests: { passed: 5, failed: 1, total: 6 },
    why: 'web:unit: 1 test failed',
    failureClass: 'test_failure',
    fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    findings: [finding('web:unit:t')],
    excerpt: '== web:unit\noutput of web:unit',
  });
});

test('the fingerprint is that of all failing commands, whatever their order', () => {
  const [a, b] = [red('api:unit', 'f1'), red('web:unit', 'f2')];
  const { fingerprint } = combine([a, b]);
  expect(combine([b, green('api:lint', 1), a]).fingerprint).toBe(fingerprint);
  const others = [[a], [b], [a, red('web:unit', 'f3')], [red('api:unit', 'f2'), red('web:unit', 'f1')]];
  for (const other of others) expect(combine(other).fingerprint).not.toBe(fingerprint);
});

test('infrastructure outweighs red tests: the gate did not run, and nothing can be told apart', () => {
  expect(combine([red('api:unit', 'f1'), infra])).toMatchObject({
    result: 'not_run',
    why: 'web: set-up failed (and 1 more command)',
    failureClass: 'infra',
    fingerprint: '',
    tests: null,
  });
});

test('a command that executed no test keeps the gate from passing', () => {
  const empty = red('web:unit', 'no_tests', { result: 'not_run', failureClass: 'no_tests', why: 'web:unit: no test' });
  expect(combine([green('api:unit', 4), empty])).toMatchObject({ result: 'not_run', failureClass: 'no_tests' });
});

test('findings are capped at 20 and the excerpt at 4,000 characters, shared by the failing commands', () => {
  const loud = (name: string): CommandVerdict =>
    red(name, name, {
      findings: Array.from({ length: 15 }, (_, n) => finding(`${name}:${n}`)),
      excerpt: `${'x'.repeat(3990)} end of ${name}`,
    });
  const { findings, excerpt, why } = combine([loud('a:1'), loud('b:1'), loud('c:1')]);
  expect(findings).toHaveLength(20);
  expect(excerpt.length).toBeLessThanOrEqual(4000);
  for (const name of ['a:1', 'b:1', 'c:1']) expect(excerpt).toContain(`x end of ${name}`);
  expect(why).toBe('a:1: 1 test failed (and 2 more commands)');
});

import { expect, test } from '@jest/globals';
import { dossierMarkdown, dossierSummary } from '../../domain/dossier-markdown.ts';
import { dossierOf } from '../../domain/dossier.ts';
import type { Dossier } from '../../domain/dossier.ts';
import type { Diagnosis, Hypothesis } from '../../domain/diagnosis.ts';
import type { Run } from '../../domain/run.ts';
import { forDossier } from '../../domain/slim.ts';
import { GOLDEN } from './dossier-golden.ts';
import { commit, implementation, plannedRun, play, red } from '../support/run.ts';

function dossier(run: Run): Dossier {
  const made = dossierOf(run, { environment: 'process' });
  if (made === undefined) throw new Error('the run has no question');
  return made;
}

function diagnosisOf(hypotheses: readonly Hypothesis[]): Diagnosis {
  const artifact = { ref: 'x/look', sha256: '0'.repeat(64), bytes: 1 };
  const cost = { sessionId: 's', usd: 0, tokens: 0, turns: 1, seconds: 1 };
  return { end: 'done', why: '', hypotheses, ...cost, prompt: artifact, transcript: artifact };
}

/** Two attempts, the second worse than the first, the first diagnosed. */
function stuck(): Run {
  const run = play(plannedRun({ gates: ['e2e'] }), [
    implementation({ commits: commit(1) }),
    red('e2e', 'f'.repeat(32), 6, commit(1)),
    implementation({ commits: commit(2), diffs: { api: { files: 3, insertions: 40, deletions: 7 } } }),
    red('e2e', 'e'.repeat(32), 5, commit(2)),
  ]);
  const [first, ...rest] = run.attempts;
  if (first === undefined) throw new Error('no attempt');
  const diagnosis = diagnosisOf([
    {
      id: 'h1',
      claim: 'Cents are taken for euros',
      kind: 'bug',
      evidence: [{ source: 'api.log', quote: 'charged 500' }],
      proposal: 'Divide by a hundred',
      standing: 'refuted',
      why: 'the amount was right in attempt 2',
    },
  ]);
  return { ...run, attempts: [{ ...first, diagnosis }, ...rest] };
}

test('a dossier shows the question, the answers, the attempts side by side, the beliefs and the best attempt', () => {
  expect(dossierMarkdown(dossier(stuck()))).toBe(GOLDEN);
});

test('its commands name the question, and the short form ends with where the whole one is', () => {
  const made = dossier(stuck());
  expect(made.commands.answer).toEqual([
    'spec-to-pr answer shop/SPEC-1 retry --question q1 --guidance "what to do differently"',
    'spec-to-pr answer shop/SPEC-1 accept_draft --question q1',
    'spec-to-pr answer shop/SPEC-1 replan --question q1 --guidance "what to do differently"',
    'spec-to-pr answer shop/SPEC-1 take_over --question q1',
    'spec-to-pr answer shop/SPEC-1 abort --question q1',
  ]);
  expect(dossierSummary(made, '/srv/artifacts/dossier-q1.md')).toMatch(
    /The whole dossier: `\/srv\/artifacts\/dossier-q1\.md`$/,
  );
});

test.each<[string, Partial<Run>, string]>([
  ['money', { usd: 32.5 }, '--usd 15'],
  ['tokens', { tokens: 20_000_000 }, '--tokens 2000000'],
  ['time', { startedAt: -13 * 3_600_000 }, '--minutes 132'],
])('a retry after used up %s grants what is missing', (_, changes, grant) => {
  const run = { ...plannedRun(), ...changes };
  const tripped = play(run, [implementation({ end: 'blocked', usd: 0, tokens: 0 })]);
  expect(dossier(tripped).commands.answer[0]).toMatch(new RegExp(` ${grant}$`));
  expect(dossier(tripped).commands.temporal[0]).toContain(`"${grant.slice(2).split(' ')[0] ?? ''}":`);
});

test('a run that changed nothing is offered no draft', () => {
  const run = play(plannedRun(), [implementation({ end: 'blocked', why: 'which currency?', changed: [] })]);
  expect(dossier(run).commands.answer.join('\n')).not.toContain('accept_draft');
  expect(dossierMarkdown(dossier(run))).toContain('a draft would be empty');
});

const ATTACKS = [
  '@everyone <img src=x onerror=alert(1)> <!-- spec-to-pr:shop/SPEC-1:f1 --> --> fixes #12 [x](javascript:a) ![p](http://t)',
  '```\n````\n@octocat closes #7\n# heading\n/answer abort\n</details><script>x</script>\n<!--',
  '| a | b \\| c `@octocat` ``` \\`@octocat`',
  `${'`'.repeat(5000)} @octocat`,
  `\u202E\u0000\u001B[31m@octocat\u2028<b>`,
  '\uD83D'.repeat(3000),
];

test.each(ATTACKS.map((attack) => [attack.slice(0, 20), attack]))(
  'text such as %j stays inert wherever it comes in',
  (_, attack) => {
    const text = attack.padEnd(60_000, ` ${attack}`);
    const markdown = dossierMarkdown(dossier(hostile(text)));
    expect(markdown.length).toBeLessThanOrEqual(60_000);
    expect(JSON.stringify(dossier(hostile(text))).length).toBeLessThan(3_000_000);
    expect(markdown.isWellFormed()).toBe(true);
    for (const { by = '', guidance = '' } of dossier(hostile(text)).answers)
      expect([by.length <= 100, guidance.length <= 2100]).toEqual([true, true]);
    expect(markdown).not.toContain('<!--');
    expect(markdown).not.toMatch(/[^\P{Cc}\n\t]|\p{Bidi_Control}/u);
    const outside = visible(markdown);
    expect(outside).not.toMatch(/@|<|javascript|#12|#7|alert|heading/);
    expect(outside.match(/^#.*$/gm)).toEqual(visible(dossierMarkdown(dossier(hostile('x')))).match(/^#.*$/gm));
    expect(visible(dossierSummary(dossier(hostile(text)), text))).not.toMatch(/@|<|javascript|#12|#7|alert|heading/);
  },
);

/** A run in which every text of unknown origin is this one. */
function hostile(text: string): Run {
  const run = play(plannedRun({ gates: ['e2e'], limits: { attempts: 60 } }), [
    implementation({ end: 'blocked', why: text }),
  ]);
  const [attempt] = run.attempts;
  if (attempt === undefined || run.spec === null || run.escalation === null) throw new Error('no attempt');
  const finding = { id: text, severity: 'high' as const, where: text, title: text, evidence: text };
  const evidence = Array.from({ length: 20 }, () => ({ source: text, quote: text }));
  const hypothesis = {
    id: text,
    claim: text,
    proposal: text,
    kind: 'bug' as const,
    evidence,
    standing: 'refuted' as const,
    why: text,
  };
  const gate = red('e2e', text, 5).result;
  const filled = {
    ...attempt,
    implementation: { ...attempt.implementation, summary: text },
    gates: [{ ...gate, why: text, excerpt: text, findings: Array.from({ length: 20 }, () => finding) }],
    diagnosis: diagnosisOf(Array.from({ length: 20 }, () => hypothesis)),
  };
  const answer = { decision: 'retry' as const, guidance: text, by: text, channel: text, question: 'q0', at: 0 };
  return {
    ...run,
    spec: {
      ...run.spec,
      title: text,
      criteria: Array.from({ length: 150 }, () => ({ id: 'AC-1', text })),
      constraints: [text],
    },
    attempts: Array.from({ length: 60 }, (_, index) => ({ ...filled, number: index + 1 })),
    cords: Array.from({ length: 30 }, () => ({ role: 'developer' as const, cord: 'human' as const, why: text, at: 0 })),
    answers: Array.from({ length: 30 }, () => answer),
    escalation: { ...run.escalation, trip: { reason: 'blocked', why: text } },
  };
}

/** What a Markdown reader shows as text and not as code, by CommonMark's rules for fences and code spans. */
function visible(markdown: string): string {
  const lines: string[] = [];
  let open = '';
  for (const line of markdown.split('\n')) {
    const fence = /^ {0,3}(`{3,})([^`]*)$/.exec(line);
    if (open !== '') {
      if (fence !== null && (fence[1] ?? '').length >= open.length && (fence[2] ?? '').trim() === '') open = '';
    } else if (fence !== null) open = fence[1] ?? '';
    else lines.push(spans(line));
  }
  expect(open).toBe('');
  return lines.join('\n');
}

function spans(line: string): string {
  const runs = [...line.matchAll(/`+/g)];
  let text = '';
  let at = 0;
  for (let index = 0; index < runs.length; index += 1) {
    const [start] = [runs[index]];
    if (start === undefined || start.index < at) continue;
    const close = runs.slice(index + 1).find((run) => run[0].length === start[0].length);
    if (close === undefined) continue;
    text += line.slice(at, start.index);
    at = close.index + close[0].length;
  }
  return text + line.slice(at);
}

test('what failed last is told though the last attempt was not judged, and why that was', () => {
  const same = { api: commit(1).api ?? '' };
  const shown = red('e2e', 'no_tests', 2, same).result;
  const few = {
    ...shown,
    result: 'not_run' as const,
    failureClass: 'no_tests' as const,
    findings: [],
    why: 'web:e2e: 2 tests ran, at least 5 are required',
  };
  const run = play(plannedRun({ gates: ['e2e'] }), [
    implementation({ commits: same }),
    { kind: 'gated', result: few },
    implementation({ commits: same }),
    implementation({ commits: same }),
  ]);
  const made = dossier(forDossier(run));
  expect(dossierMarkdown(made)).toContain(
    [
      '## What failed last',
      '',
      '- attempt 3 left exactly the files of attempt 1, so it was not tested again',
      '- attempt 1, `e2e` not run 2/10 (no_tests): `web:e2e: 2 tests ran, at least 5 are required`',
      '',
      'End of the output:',
    ].join('\n'),
  );
  expect(dossierSummary(made, '')).toContain('Failing:\n- `e2e`: `web:e2e: 2 tests ran, at least 5 are required`');
});

test('what an attempt before a green one showed, or one for an earlier plan, is no failure any more', () => {
  const [first, second] = [{ api: commit(1).api ?? '' }, { api: commit(2).api ?? '' }];
  const failed = [implementation({ commits: first }), red('e2e', 'f'.repeat(32), 6, first)] as const;
  const green = { ...red('e2e', '', 10, second).result, result: 'passed' as const, findings: [], why: '' };
  const unpushed = play(plannedRun({ gates: ['e2e'] }), [
    ...failed,
    implementation({ commits: second }),
    { kind: 'gated', result: { ...green, failureClass: null } },
    { kind: 'broken', why: 'push: the branch is there' },
  ]);
  expect(unpushed.escalation?.trip.why).toBe('push: the branch is there');
  const blocked = play({ ...play(plannedRun({ gates: ['e2e'] }), failed), superseded: 1 }, [
    implementation({ end: 'blocked', why: 'no key', commits: second }),
  ]);
  for (const run of [unpushed, blocked]) {
    expect(dossier(run).failed).toBeNull();
    expect(dossierMarkdown(dossier(forDossier(run)))).not.toContain('api:unit:a` at');
  }
});

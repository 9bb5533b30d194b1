import { advance } from '../../domain/advance.ts';
import { begin } from '../../domain/begin.ts';
import type { GateResult } from '../../domain/gate.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { DEFAULT_LEASES } from '../../domain/lease.ts';
import { DEFAULT_LIMITS, DEFAULT_SANDBOX } from '../../domain/project.ts';
import type { Limits, Project } from '../../domain/project.ts';
import type { Implementation, Run } from '../../domain/run.ts';

export const COMMIT_A = 'a'.repeat(40);
export const COMMIT_B = 'b'.repeat(40);
const artifact = { ref: 'x/y', sha256: '0'.repeat(64), bytes: 1 };

type ProjectChanges = Partial<Omit<Project, 'limits'>> & { limits?: Partial<Limits> };

export function projectOf(changes: ProjectChanges = {}): Project {
  const base: Project = {
    key: 'shop',
    hash: 'h'.repeat(64),
    repositories: [{ key: 'api', url: '/srv/api.git', base: 'main', setup: [], checks: [], health: '/' }],
    gates: ['checks', 'e2e'],
    environment: { kind: 'none' },
    leases: DEFAULT_LEASES,
    roles: { developer: { agent: { name: 'scripted', options: {} } } },
    diagnosis: { commands: [] },
    sandbox: DEFAULT_SANDBOX,
    forge: { kind: 'local', tokenEnv: 'GITHUB_TOKEN' },
    notifiers: [{ name: 'log', options: {} }],
    limits: DEFAULT_LIMITS,
  };
  return { ...base, ...changes, limits: { ...DEFAULT_LIMITS, ...changes.limits } };
}

/** A run that is about to implement its first attempt. */
export function plannedRun(changes: ProjectChanges = {}): Run {
  const run = begin({
    key: { workflowId: 'shop/SPEC-1', firstRunId: 'f1' },
    workId: 'SPEC-1',
    project: projectOf(changes),
    now: 0,
  });
  const repositories = [{ key: 'api', url: '/srv/api.git', base: 'main', baseCommit: COMMIT_A }];
  return [ingested(), { kind: 'planned', repositories, tasks: [{ id: '1', title: 't', after: [] }] } as Outcome].reduce(
    advance,
    run,
  );
}

export function ingested(): Outcome {
  return {
    kind: 'ingested',
    spec: {
      workId: 'SPEC-1',
      title: 'Gift cards',
      sha256: '1'.repeat(64),
      criteria: [{ id: 'AC-1', text: 'A card pays' }],
      constraints: ['No new dependency'],
      repositories: [],
      labels: [],
      document: artifact,
    },
  };
}

export function implementation(changes: Partial<Implementation> = {}): Outcome & { kind: 'implemented' } {
  return {
    kind: 'implemented',
    implementation: {
      end: 'done',
      why: '',
      summary: 'did it',
      commits: { api: COMMIT_B },
      changed: ['api'],
      diffs: { api: { files: 1, insertions: 2, deletions: 0 } },
      sessionId: 's',
      usd: 0.5,
      tokens: 100,
      turns: 3,
      seconds: 1,
      prompt: artifact,
      transcript: artifact,
      ...changes,
    },
  };
}

export function gateResult(gate: string, changes: Partial<GateResult> = {}): Outcome & { kind: 'gated' } {
  return {
    kind: 'gated',
    result: {
      gate,
      commits: { api: COMMIT_B },
      result: 'passed',
      examined: 4,
      tests: { passed: 4, failed: 0, total: 4 },
      why: '',
      failureClass: null,
      fingerprint: '',
      findings: [],
      excerpt: '',
      artifacts: [],
      seconds: 1,
      ...changes,
    },
  };
}

/** A failed gate with `passed` of 10 tests green. */
export function red(
  gate: string,
  fingerprint: string,
  passed: number | null,
  commits = { api: COMMIT_B },
): Outcome & { kind: 'gated' } {
  const tests = passed === null ? null : { passed, failed: 10 - passed, total: 10 };
  return gateResult(gate, {
    result: 'failed',
    why: 'tests failed',
    failureClass: 'test_failure',
    fingerprint,
    tests,
    commits,
    examined: 10,
    findings: [
      { id: 'api:unit:a', severity: 'high', where: 'a.js:1', title: 'a', evidence: 'expected 4, got 5', seconds: 1.25 },
    ],
    excerpt: 'tail of the log',
  });
}

/** The n-th commit of the api repository. */
export function commit(n: number): { api: string } {
  return { api: n.toString(16).padStart(40, 'c') };
}

export function play(run: Run, outcomes: readonly Outcome[]): Run {
  return outcomes.reduce(advance, run);
}

export const pullRequestOf = (headSha: string) => ({
  repository: 'api',
  number: 7,
  url: 'http://forge/api/7',
  headSha,
  draft: false,
});

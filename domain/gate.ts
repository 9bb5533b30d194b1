import type { Coverage } from './criteria.ts';
import type { ArtifactRef, Commits } from './ids.ts';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

/** One defect that a gate reports. */
export interface Finding {
  /** Stable over attempts: a failing test's id, or what was checked. */
  readonly id: string;
  readonly severity: Severity;
  /** `repository:file:line`, or the check's name. */
  readonly where: string;
  readonly title: string;
  /** Message and own frames, capped. */
  readonly evidence: string;
  /** How long the test ran, where its report tells. */
  readonly seconds?: number;
}

/** Every gate there is. */
export const GATES = ['checks', 'e2e'] as const;

export type FailureClass =
  | 'test_failure'
  | 'compile_error'
  | 'no_tests'
  | 'timeout'
  | 'infra'
  | 'deploy_failed'
  | 'deploy_stale'
  | 'env_sick';

const ENVIRONMENTAL: readonly (FailureClass | null)[] = ['infra', 'deploy_stale', 'env_sick'];

/** The change is not to blame: the gate is tried again, and costs no attempt. */
export function isEnvironmental({ failureClass }: Pick<GateResult, 'failureClass'>): boolean {
  return ENVIRONMENTAL.includes(failureClass);
}

/** A gate that the infrastructure kept from running. */
export function notRun(gate: string, commits: Commits, why: string): GateResult {
  return {
    ...{ gate, commits, result: 'not_run', examined: 0, tests: null, why, failureClass: 'infra', fingerprint: '' },
    ...{ findings: [], excerpt: '', artifacts: [], seconds: 0 },
  };
}

/** An environment that is up, and where its services are. */
export interface UpEnvironment {
  readonly name: string;
  readonly addresses: Readonly<Record<string, string>>;
  /** Id of the host that alone can reach it. */
  readonly host?: string;
}

/** `total` counts skipped tests too. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly total: number;
}

/** A test that failed in some of its runs on the same commits and passed in the last. */
export interface Flake {
  readonly id: string;
  /** Absent where its runner tried it again by itself and does not tell how often. */
  readonly rate?: { readonly failed: number; readonly runs: number };
}

/** How often a gate was tried that did not get to judge, and the names of the environments, oldest first. */
export interface Tries {
  readonly times: number;
  readonly environments: readonly string[];
}

/** What one gate measured on exactly these commits. `not_run` never passes. */
export interface GateResult {
  readonly gate: string;
  readonly commits: Commits;
  readonly result: 'passed' | 'failed' | 'not_run';
  /** Tests, or commands where there is no report, that really ran. */
  readonly examined: number;
  readonly tests: TestCounts | null;
  /** One line; empty when passed. */
  readonly why: string;
  readonly failureClass: FailureClass | null;
  /** Empty when passed, or when nothing could be told apart. */
  readonly fingerprint: string;
  /** Tests that failed and passed when they ran again on the same commits. */
  readonly flakes?: readonly Flake[];
  /** Of the acceptance criteria, where tests name any. */
  readonly criteria?: Coverage;
  /** At most 20; the rest is in the artifacts. */
  readonly findings: readonly Finding[];
  /** Tail of the output, at most 4,000 characters. */
  readonly excerpt: string;
  readonly artifacts: readonly ArtifactRef[];
  readonly seconds: number;
  /** What it ran in, where that is still up. */
  readonly environment?: UpEnvironment;
  /** Where the infrastructure kept the gate from judging. */
  readonly tries?: Tries;
}

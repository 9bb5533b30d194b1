import { createHash } from 'node:crypto';
import { normalise } from '../domain/fingerprint.ts';
import type { FailureClass } from '../domain/gate.ts';
import { tail } from '../domain/text.ts';
import { DeployFailed, DeployStale, EnvironmentFault } from './environments/errors.ts';
import type { CommandVerdict } from './gates/command.ts';

type Verdict = Omit<CommandVerdict, 'files'>;

/** What an error of a deployment means for the gate, or nothing when it is none that a provider explains. */
export function deployVerdict(error: unknown): Verdict | undefined {
  if (error instanceof DeployFailed) return candidates(error);
  if (error instanceof DeployStale) return notRun('deploy_stale', error.message, '');
  if (error instanceof EnvironmentFault) return notRun('infra', error.message, error.output);
  return undefined;
}

function candidates({ service, message, logTail }: DeployFailed): Verdict {
  const fingerprint = createHash('sha256')
    .update(`deploy:${service}:${normalise(message)}:${normalise(tail(logTail, 2000))}`)
    .digest('hex')
    .slice(0, 32);
  return {
    name: `${service}:deploy`,
    result: 'failed',
    examined: 0,
    tests: null,
    why: message,
    failureClass: 'deploy_failed',
    fingerprint,
    findings: [
      { id: `${service}:deploy`, severity: 'critical', where: service, title: message, evidence: tail(logTail, 1000) },
    ],
    excerpt: tail(logTail, 4000),
  };
}

function notRun(failureClass: FailureClass, why: string, output: string): Verdict {
  return {
    name: 'environment:deploy',
    result: 'not_run',
    examined: 0,
    tests: null,
    why: `environment: ${why}`,
    failureClass,
    fingerprint: failureClass === 'infra' ? '' : failureClass,
    findings: [],
    excerpt: tail(output, 4000),
  };
}

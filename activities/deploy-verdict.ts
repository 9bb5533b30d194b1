import { createHash } from 'node:crypto';
import { lastWords, normalise } from '../domain/fingerprint.ts';
import type { FailureClass } from '../domain/gate.ts';
import { tail } from '../domain/text.ts';
import { DeployFailed, DeployStale, EnvironmentFault } from './environments/errors.ts';
import type { CommandVerdict } from './gates/command.ts';
import { hostFault } from './host-fault.ts';

type Verdict = Omit<CommandVerdict, 'files'>;

/** What an error of a deployment means for the gate, without secrets; nothing when it is none that a provider explains. */
export function deployVerdict(error: unknown, redact: (text: string) => string): Verdict | undefined {
  if (error instanceof DeployFailed) {
    const { service, message, logTail } = error;
    return candidates({ service, message: redact(message), logTail: redact(logTail) });
  }
  if (error instanceof DeployStale) return notRun('deploy_stale', redact(error.message), '');
  if (error instanceof EnvironmentFault) return notRun('infra', redact(error.message), redact(error.output));
  const cause = hostFault(error);
  return cause === undefined ? undefined : notRun('infra', redact(cause), '');
}

/** The environment was well and is not any more, before a test ran. */
export function sickVerdict(why: string): Verdict {
  return notRun('env_sick', why, '');
}

function candidates({ service, message, logTail }: Pick<DeployFailed, 'service' | 'message' | 'logTail'>): Verdict {
  const fingerprint = createHash('sha256')
    .update(`deploy:${service}:${normalise(message)}:${lastWords(logTail)}`)
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

import type { RepositoryKey } from '../../domain/ids.ts';
import { oneLine } from '../../domain/text.ts';
import { infraCause } from '../../formats/causes.ts';
import type { InfraCause } from '../../formats/causes.ts';

/** The candidate could not be brought up. Its own doing, not the host's: counts as a failed gate. */
export class DeployFailed extends Error {
  override readonly name = 'DeployFailed';
  readonly service: string;
  readonly logTail: string;
  constructor(service: string, why: string, logTail: string) {
    super(`service "${service}" ${why}`);
    this.service = service;
    this.logTail = logTail;
  }
}

/** Another process was quicker to listen on the service's port. Worth another try with another port. */
export class PortTaken extends DeployFailed {}

/** The environment was destroyed or made anew by somebody else while this call was at work on it. */
export class DeployOvertaken extends Error {
  override readonly name = 'DeployOvertaken';
}

/** The environment runs other commits than were deployed: what it shows says nothing about the candidate. */
export class DeployStale extends Error {
  override readonly name = 'DeployStale';
  constructor(where: string, repository: RepositoryKey, { runs, wanted }: { runs: string; wanted: string }) {
    super(
      `${where} runs ${oneLine(runs, 12) || 'an unknown commit'} of "${repository}", ${wanted.slice(0, 12)} was deployed`,
    );
  }
}

/** The provider or the host failed, not the candidate. The message is one line; `infra` says what was at fault. */
export class EnvironmentFault extends Error {
  override readonly name: string = 'EnvironmentFault';
  readonly infra: InfraCause;
  /** Tail of what the provider printed. */
  readonly output: string;
  constructor(infra: InfraCause, why: string, output = '') {
    super(`${infra}: ${oneLine(why, 300)}`);
    this.infra = infra;
    this.output = output;
  }
}

/** A provider's program is not installed. Final. */
export class EngineMissing extends EnvironmentFault {
  override readonly name = 'EngineMissing';
  constructor(why: string) {
    super('tool', why);
  }
}

/** A provider's command did not end in its time. */
export class ProviderTimedOut extends EnvironmentFault {
  override readonly name = 'ProviderTimedOut';
  constructor(what: string, seconds: number, output = '') {
    super('provider', `${what} did not end within ${seconds} s`, output);
  }
}

/** A provider's command printed something else than the contract says. */
export class ProviderOutputInvalid extends EnvironmentFault {
  override readonly name = 'ProviderOutputInvalid';
  constructor(what: string, why: string, output = '') {
    super('provider', `${what} ${why}`, output);
  }
}

/** The environment is not there. Final. */
export class EnvironmentAbsent extends Error {
  override readonly name = 'EnvironmentAbsent';
  constructor(name: string) {
    super(`there is no environment "${oneLine(name, 80)}"`);
  }
}

/** The environment has no such service, or none of it runs. Final. */
export class ServiceUnknown extends Error {
  override readonly name = 'ServiceUnknown';
  constructor(environment: string, service: string, known: readonly string[]) {
    const others = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
    super(`environment "${oneLine(environment, 80)}" has no running service "${oneLine(service, 80)}": ${others}`);
  }
}

/** A path that a command may only name within the service's folder leads out of it. Final. */
export class PathOutside extends Error {
  override readonly name = 'PathOutside';
  constructor(name: string) {
    super(`"${oneLine(name, 200)}" leads out of the service's folder`);
  }
}

// A daemon that is not there also says "connection refused", which by itself may be the candidate's.
const DAEMON =
  /cannot connect to the (docker|podman) (daemon|socket)|is the docker daemon running|docker\.sock|podman\.sock/i;

/** What of the host or the provider a provider's output blames, or nothing. */
export function faultOf(output: string): InfraCause | undefined {
  return DAEMON.test(output) ? 'provider' : infraCause(output);
}

// A refused connection, or a program that is missing, may be the candidate's own fault.
const AMBIGUOUS: readonly InfraCause[] = ['refused', 'tool'];

/** `faultOf` for the output of bringing a candidate up: nothing as well for what the candidate may have caused. */
export function hostFaultOf(output: string): InfraCause | undefined {
  const cause = faultOf(output);
  return cause === undefined || AMBIGUOUS.includes(cause) ? undefined : cause;
}

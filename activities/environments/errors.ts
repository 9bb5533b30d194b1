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

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

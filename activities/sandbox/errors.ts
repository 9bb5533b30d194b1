/** The project demands a sandbox that this host cannot give; the message says what to do. Final. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

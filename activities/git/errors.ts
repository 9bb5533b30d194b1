import type { CommandResult } from '../process/run-command.ts';

const MAX_OUTPUT = 20_000;

/** Git said no for a reason that has no name of its own. May pass: retried. `output` is what git printed, its end. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  readonly output: string;
  constructor(args: readonly string[], result: CommandResult) {
    super(
      `git ${args.find((arg) => !arg.startsWith('-')) ?? ''} failed (exit ${result.exitCode ?? 'killed'}): ${complaint(result.output)}`,
    );
    this.output = result.output.slice(-MAX_OUTPUT);
  }
}

/** The repository does not exist, or is hidden from us. Final. */
export class RepositoryNotFound extends Error {
  override readonly name = 'RepositoryNotFound';
}

/** The forge refuses our credentials. Final. */
export class AuthDenied extends Error {
  override readonly name = 'AuthDenied';
}

/** The repository has no such branch. Final. */
export class BaseNotFound extends Error {
  override readonly name = 'BaseNotFound';
}

/** The branch on the remote is somebody else's. Final. */
export class NonFastForward extends Error {
  override readonly name = 'NonFastForward';
}

/** The remote refuses the push by a rule of its own. Final. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
}

/** Names what the remote's answer means, or nothing when it is unknown. */
export function remoteProblem(url: string, output: string): Error | undefined {
  const place = publicUrl(url);
  if (/could not read Username|Authentication failed|(HTTP|error:) 401|Permission denied \(publickey/i.test(output))
    return new AuthDenied(`${place} refuses the credentials: check the forge's token`);
  if (/(HTTP|error:) 403|Permission to .* denied/i.test(output))
    return new AuthDenied(`${place} denies access: the token lacks the permission`);
  if (/Host key verification failed/i.test(output))
    return new AuthDenied(`the SSH host key of ${place} is not known here: connect to it once with ssh`);
  if (
    /repository( '.*')? not found|could not be found|not appear to be a git repository|(HTTP|error:) 404/i.test(output)
  )
    return new RepositoryNotFound(`${place} is not a git repository that can be reached`);
  return undefined;
}

/** The line of git's output that says what is wrong. */
export function complaint(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.findLast((line) => /^(fatal|error|remote: (error|fatal)|! \[)/i.test(line));
  return publicUrl(telling ?? lines.at(-1) ?? 'no output').slice(0, 300);
}

/** The text without the user names and passwords that URLs in it carry. */
export function publicUrl(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]+@/g, '$1');
}

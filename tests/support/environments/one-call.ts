// One call of a provider as a process of its own, as a worker makes it: `node one-call.ts <order as JSON>`. Prints its steps and, last, the
// result, a line each; at the step `dieAt` it kills itself as the kernel would.
import { writeSync } from 'node:fs';
import { openEnvironment } from '../../../activities/environments/index.ts';
import type { DeployRequest, EnvironmentConfig } from '../../../activities/environments/index.ts';
import type { EnvironmentChoice } from '../../../domain/environment.ts';
import { gitHost } from '../repository.ts';

export interface Order {
  readonly choice: EnvironmentChoice;
  readonly stateHome: string;
  /** Variables of the worker. */
  readonly variables: Readonly<Record<string, string>>;
  readonly call: 'provision' | 'deploy' | 'destroy';
  readonly request: DeployRequest;
  readonly dieAt?: string;
}

const { choice, stateHome, variables, call, request, dieAt }: Order = JSON.parse(process.argv[2] ?? '');
const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };
const config: EnvironmentConfig = {
  stateHome,
  environment,
  toolEnvironment: environment,
  git: gitHost(stateHome),
  secret: (name) => variables[name],
};
const io = {
  signal: new AbortController().signal,
  progress: (step: string): void => {
    writeSync(1, `${step}\n`);
    if (step === dieAt) process.kill(process.pid, 'SIGKILL');
  },
};
const provider = openEnvironment(choice, config);
io.progress('called');
const result =
  call === 'destroy'
    ? await provider.destroy(request.name, io)
    : call === 'deploy'
      ? await provider.deploy(request, io)
      : await provider.provision(request, io);
writeSync(1, `${JSON.stringify({ result: result ?? null })}\n`);

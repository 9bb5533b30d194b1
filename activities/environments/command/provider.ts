import type { CommandSettings } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { demandVerb, runVerb, suiteOf } from './call.ts';
import type { Commands } from './call.ts';
import { deploy, provision } from './deploy.ts';
import { logs } from './logs.ts';
import { entries, isGone, look, servicesOf, settle } from './look.ts';
import type { Seen } from './look.ts';
import { EnvironmentAbsent, EnvironmentFault, ServiceUnknown } from '../errors.ts';
import type { EnvironmentConfig, EnvironmentProvider, EnvironmentStatus, ExecRequest } from '../index.ts';
import { callFile, hasNote, notesRoot, readNote, removeNote } from '../notes.ts';
import { endUnfinished } from '../unfinished.ts';

/** Environments that the user's own commands keep; what they get and print is said in docs/environments.md. */
export function command(config: EnvironmentConfig, settings: CommandSettings): EnvironmentProvider {
  const commands = { config, settings, root: notesRoot(config.stateHome, 'command') };
  return {
    provision: async (request, io) => {
      await endUnfinished(callFile(commands.root, request.name));
      return statusOf(commands, await provision(commands, request, io));
    },
    deploy: async (request, io) => {
      await endUnfinished(callFile(commands.root, request.name));
      return deploy(commands, request, io);
    },
    status: async (name, io) => statusOf(commands, await look(commands, name, io)),
    logs: (request, io) => logs(commands, request, io),
    exec: (request, io) => exec(commands, request, io),
    suite: async (order) => suiteOf(commands, order, await readNote(commands.root, order.name)),
    list: (io) => entries(commands, io),
    destroy: async (name, io) => {
      await endUnfinished(callFile(commands.root, name));
      return destroy(commands, name, io);
    },
    hasBegun: (name) => hasNote(commands.root, name),
  };
}

async function statusOf({ root }: Commands, { variables: seen, ...status }: Seen): Promise<EnvironmentStatus> {
  if (isGone(status.state)) return status;
  const { commits = {}, variables = {} } = (await readNote(root, status.name))?.deployment ?? {};
  return { ...status, deployed: { commits, variables: { ...variables, ...seen } } };
}

async function exec(commands: Commands, request: ExecRequest, io: Io): Promise<CommandResult> {
  const { name, service, run, seconds } = request;
  const seen = await look(commands, name, io);
  if (isGone(seen.state)) throw new EnvironmentAbsent(name);
  const known = servicesOf(seen);
  if (!known.includes(service)) throw new ServiceUnknown(name, service, known);
  const note = await readNote(commands.root, name);
  const more = { ENVIRONMENT_SERVICE: service, ENVIRONMENT_COMMAND: run };
  return runVerb(commands, { verb: 'exec', name, note, seconds, more }, io);
}

async function destroy(commands: Commands, name: string, io: Io): Promise<void> {
  const { settings, root } = commands;
  const note = await readNote(root, name);
  const { output } = await demandVerb(commands, { verb: 'destroy', name, note, seconds: settings.seconds }, io);
  if (settings.commands.status !== undefined || settings.commands.list !== undefined) {
    const deadline = Date.now() + settings.seconds * 1000;
    const { state } = await settle(commands, { name, while: ['deprovisioning'], deadline }, io);
    if (!isGone(state)) throw new EnvironmentFault('provider', `the environment is ${state} after "destroy"`, output);
  }
  await removeNote(root, name);
}

import { gitHost } from '../repository.ts';
import { processes } from '../../../activities/environments/process/provider.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

const providerOf = (stateHome: string): ReturnType<typeof processes> =>
  processes({ stateHome, environment: { PATH: process.env['PATH'] ?? '' }, git: gitHost(stateHome) });

/** An environment of the kind `process`, of one real process, on the host with this state folder. Gives the pid of the process. */
export async function leaveBehind(
  stateHome: string,
  { name, owner }: { readonly name: string; readonly owner: string },
): Promise<number> {
  const provider = providerOf(stateHome);
  const start = `exec '${process.execPath}' -e 'require("http").createServer((_, to) => to.end(String(process.pid))).listen(process.env.PORT)'`;
  const services = [{ key: 'api', directory: stateHome, start, health: '/' }];
  const request = { name, owner, services, directories: {}, commits: { api: 'a'.repeat(40) }, healthSeconds: 60 };
  const { addresses } = await provider.deploy(request, io);
  return Number(await (await fetch(addresses['api'] ?? '')).text());
}

/** Takes all environments of a state folder away, whoever they belong to. */
export async function takeAway(stateHome: string): Promise<void> {
  const provider = providerOf(stateHome);
  for (const { name } of await provider.list(io)) await provider.destroy(name, io);
}

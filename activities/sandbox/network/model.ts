import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobCommand } from '../../process/job.ts';
import { allowedPlaces, loopbackPorts } from './allowed.ts';

/** The only way out of a sandbox: a unix socket to a proxy outside. */
export interface ModelNetwork {
  /** For bubblewrap, after the mount of /tmp. */
  readonly options: readonly string[];
  /** The command as it runs inside. */
  readonly inner: JobCommand;
  /** The sandbox's own command as it runs outside, with the proxy around it. */
  around(command: JobCommand): JobCommand;
}

/** A port of the sandbox's own loopback, which nobody else uses. */
const PROXY_PORT = 3128;
const INSIDE = '/tmp/.network';

const program = (name: string): string =>
  fileURLToPath(new URL(`./${name}${path.extname(import.meta.url)}`, import.meta.url));

/** Has the command reach its model's provider and the given hosts. Throws SandboxUnavailable. */
export async function modelNetwork(
  command: JobCommand,
  { jobDirectory, hosts }: { readonly jobDirectory: string; readonly hosts: readonly string[] },
): Promise<ModelNetwork> {
  const places = allowedPlaces(command.environment, hosts);
  const folder = await mkdtemp(path.join(jobDirectory, 'network-'));
  const proxy = `http://127.0.0.1:${PROXY_PORT}`;
  const node = (script: string, words: readonly string[]): Pick<JobCommand, 'file' | 'arguments'> => ({
    file: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', program(script), ...words],
  });
  const ways = [path.join(INSIDE, 'proxy'), String(PROXY_PORT), loopbackPorts(places).join(',')];
  const variables = {
    ...{ HTTPS_PROXY: proxy, https_proxy: proxy, HTTP_PROXY: proxy, http_proxy: proxy, NODE_USE_ENV_PROXY: '1' },
    ...{ NO_PROXY: '127.0.0.1,localhost', no_proxy: '127.0.0.1,localhost' },
  };
  const settings = Object.entries(variables).flatMap(([variable, value]) => ['--setenv', variable, value]);
  return {
    options: ['--ro-bind', folder, INSIDE, ...settings],
    inner: { ...command, ...node('door', [...ways, command.file, ...command.arguments]) },
    around: (outer) => ({
      ...outer,
      ...node('gate', [folder, places.join(','), outer.file, ...outer.arguments]),
    }),
  };
}

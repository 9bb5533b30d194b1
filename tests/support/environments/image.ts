import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';

const IMAGE = 'spec-to-pr-test:empty';

const succeeds = (file: string, ...args: readonly string[]): boolean => spawnSync(file, args).status === 0;

/** Why no container engine with compose can be used on this host, or nothing. */
export function engineProblem(): string | undefined {
  if (process.platform !== 'linux') return 'containers would run the programs of this host, which is not Linux';
  if (!succeeds('docker', 'info')) return 'no docker engine answers';
  return succeeds('docker', 'compose', 'version') ? undefined : 'docker has no compose';
}

/** Makes an empty image, so that no registry is asked. */
export function importImage(): void {
  const empty = execFileSync('tar', ['--create', '--files-from', '/dev/null']);
  execFileSync('docker', ['import', '-', IMAGE], { input: empty, stdio: ['pipe', 'ignore', 'inherit'] });
}

/** Removes the image. */
export function removeImage(): void {
  spawnSync('docker', ['image', 'rm', '--force', IMAGE]);
}

/** A compose service that runs `node server.js` in the folder, with the programs of this host inside. */
export function serviceOf(key: string, directory: string): string {
  const host = ['/usr', '/bin', '/lib', '/lib64'].map((folder) => `${folder}:${folder}:ro`);
  const volumes = [...host, `${path.dirname(process.execPath)}:/node:ro`, `${directory}:/srv/${key}:ro`];
  return `
  ${key}:
    image: ${IMAGE}
    pull_policy: never
    entrypoint: [/node/node, server.js]
    environment: { PORT: "8080", HOST: 0.0.0.0, PATH: "/node:/usr/bin:/bin" }
    working_dir: /srv/${key}
    stop_signal: SIGKILL
    volumes: ${JSON.stringify(volumes)}
    ports: ["127.0.0.1::8080"]`;
}

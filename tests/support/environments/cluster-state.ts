// What the stand-in of kubectl keeps on disk, and the processes that it runs for pods.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stamped } from './stamped.ts';

export type Texts = Record<string, string>;
interface Meta {
  name: string;
  labels?: Texts;
  annotations?: Texts;
}
interface PodSpec {
  containers: { command: string[]; workingDir?: string; env?: { name: string; value: string }[] }[];
}
export interface Thing {
  kind: string;
  metadata: Meta;
  pid?: number;
  phase?: string;
  spec?: { type?: string; ports?: unknown; template?: { metadata?: Partial<Meta>; spec: PodSpec } };
}

export const home = process.env['CLUSTER_HOME'] ?? '';
mkdirSync(home, { recursive: true });
const modeFile = path.join(home, 'mode');
export const mode = existsSync(modeFile) ? readFileSync(modeFile, 'utf8') : '';

export function fail(message: string, code = 1): never {
  console.error(message);
  process.exit(code);
}

export const folderOf = (namespace: string): string => path.join(home, namespace);
export const fileOf = (namespace: string, kind: string, name: string): string =>
  path.join(folderOf(namespace), `${kind.toLowerCase()}-${name}.json`);
export const load = (file: string): Thing => JSON.parse(readFileSync(file, 'utf8'));
export const things = (namespace: string): Thing[] =>
  existsSync(folderOf(namespace))
    ? readdirSync(folderOf(namespace))
        .filter((name) => name.endsWith('.json'))
        .map((name) => load(path.join(folderOf(namespace), name)))
    : [];
export const input = (): Thing[] => {
  const value: Thing & { items?: Thing[] } = JSON.parse(readFileSync(0, 'utf8'));
  return value.items ?? [value];
};

export function remove(namespace: string, { kind, metadata, pid }: Thing): void {
  if (pid !== undefined) stop(pid);
  rmSync(fileOf(namespace, kind, metadata.name), { force: true });
}

export function stop(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

export const podFile = (namespace: string, name: string, end: string): string =>
  path.join(folderOf(namespace), `${name}.${end}`);

export function startPod(namespace: string, { metadata, spec }: Thing): number {
  const [container] = spec?.template?.spec.containers ?? [];
  if (container === undefined) return fail('The Deployment is invalid: spec.template.spec.containers: Required value');
  const log = podFile(namespace, metadata.name, 'log');
  writeFileSync(log, '');
  const exit = podFile(namespace, metadata.name, 'exit');
  rmSync(exit, { force: true });
  const given = (container.env ?? []).map(({ name, value }) => [name, value]);
  const child = spawn('/bin/sh', ['-c', stamped('("$@"); echo $? >"$0"', log), exit, ...container.command], {
    cwd: container.workingDir,
    env: { PATH: process.env['PATH'], ...Object.fromEntries(given) },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  return child.pid ?? 0;
}

// Stands in for kubectl and helm where there is no cluster: `node cluster.ts <program> <arguments>`. It takes the real programs'
// arguments and no others, keeps objects in $CLUSTER_HOME and runs the first container of a pod as a process.
// $CLUSTER_HOME/mode makes it misbehave: `stale` pods are not replaced, `refused` no API server answers, `slow <point>` it
// takes long there, once: `helm`, `delete`, the name of a pod that was started, the kind of an object that was made.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import {
  fail,
  fileOf,
  folderOf,
  home,
  input,
  load,
  mode,
  podFile,
  remove,
  startPod,
  stop,
  things,
} from './cluster-state.ts';
import type { Texts, Thing } from './cluster-state.ts';
import { pause, runs } from './slow.ts';
import { written } from './stamped.ts';

const [program = '', ...words] = process.argv.slice(2);
const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

function read(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { values: Texts; words: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values as Texts, words: positionals };
  } catch (error) {
    return fail(error instanceof Error ? `error: unknown flag: ${error.message}` : '');
  }
}

function put(namespace: string, thing: Thing): void {
  const { kind, metadata } = thing;
  const file =
    kind === 'Namespace' ? path.join(home, `${metadata.name}.namespace`) : fileOf(namespace, kind, metadata.name);
  if (kind === 'Namespace') {
    mkdirSync(folderOf(metadata.name), { recursive: true });
    writeFileSync(file, JSON.stringify(thing));
    return pause(home, kind);
  }
  if (!existsSync(path.join(home, `${namespace}.namespace`)))
    fail(`Error from server (NotFound): namespaces "${namespace}" not found`);
  const before = existsSync(file) ? load(file) : undefined;
  if (kind !== 'Deployment') return writeFileSync(file, JSON.stringify(thing));
  if (before !== undefined && mode === 'stale') return undefined;
  const same = JSON.stringify(before?.spec) === JSON.stringify(thing.spec);
  if (before?.pid !== undefined && same && runs(before.pid)) return undefined;
  if (before?.pid !== undefined) stop(before.pid);
  writeFileSync(file, JSON.stringify({ ...thing, pid: startPod(namespace, thing) }));
  return pause(home, metadata.name);
}

function matches({ metadata }: Thing, selector: string): boolean {
  const [key = '', value] = selector.split('=');
  return metadata.labels?.[key] === value;
}

function apply(namespace: string, args: readonly string[]): void {
  const { values } = read(args, { filename: text, prune: flag, selector: text });
  if (values['filename'] !== '-') fail('error: must specify one of -f and -k');
  const all = input();
  if (values['prune'] !== undefined)
    for (const old of things(namespace)) {
      const kept = all.some((thing) => thing.kind === old.kind && thing.metadata.name === old.metadata.name);
      if (!kept && matches(old, values['selector'] ?? '')) remove(namespace, old);
    }
  for (const thing of all) {
    if (thing.kind === 'Deployment' && thing.spec?.template === undefined)
      fail(`The Deployment "${thing.metadata.name}" is invalid: spec.template: Required value`);
    put(namespace, thing);
  }
}

function getNamespace(name: string, ignore: boolean): void {
  const file = path.join(home, `${name}.namespace`);
  if (!existsSync(file))
    return ignore ? undefined : fail(`Error from server (NotFound): namespaces "${name}" not found`);
  const { phase = 'Active', ...thing } = load(file);
  console.log(JSON.stringify({ ...thing, status: { phase } }));
  if (phase !== 'Terminating') return undefined;
  for (const each of things(name)) remove(name, each);
  rmSync(folderOf(name), { recursive: true, force: true });
  return rmSync(file);
}

function podOf(namespace: string, { metadata, spec }: Thing): unknown {
  const exit = podFile(namespace, metadata.name, 'exit');
  const hash = 'abc12';
  const crashed = existsSync(exit);
  const state = crashed ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: {} };
  return {
    kind: 'Pod',
    metadata: {
      name: `${metadata.name}-${hash}-x`,
      labels: { ...spec?.template?.metadata?.labels, 'pod-template-hash': hash },
      annotations: spec?.template?.metadata?.annotations ?? {},
      ownerReferences: [{ kind: 'ReplicaSet', name: `${metadata.name}-${hash}` }],
    },
    status: { phase: 'Running', containerStatuses: [{ ready: !crashed, restartCount: 0, state }] },
  };
}

function get(namespace: string, args: readonly string[]): void {
  const { values, words: what } = read(args, { output: text, selector: text, 'ignore-not-found': flag });
  if (values['output'] !== 'json') fail('error: unable to match a printer');
  const [kind = '', name] = what;
  if (kind === 'namespace' && name !== undefined) return getNamespace(name, values['ignore-not-found'] !== undefined);
  if (kind === 'namespaces') {
    const all = readdirSync(home).filter((file) => file.endsWith('.namespace'));
    const items = all
      .map((file) => load(path.join(home, file)))
      .filter((thing) => matches(thing, values['selector'] ?? ''));
    return console.log(JSON.stringify({ kind: 'List', items }));
  }
  const items = things(namespace).flatMap((thing): unknown[] => {
    if (thing.kind === 'Deployment') return [thing, podOf(namespace, thing)];
    const loadBalancer = thing.spec?.type === 'LoadBalancer' ? { ingress: [{ ip: '127.0.0.1' }] } : {};
    return [thing.kind === 'Service' ? { ...thing, status: { loadBalancer } } : thing];
  });
  return console.log(JSON.stringify({ kind: 'List', items }));
}

const deploymentOf = (namespace: string, target: string): Thing => {
  const name = target.replace(/^deployment\//, '').replace(/-abc12-x$/, '');
  const file = fileOf(namespace, 'Deployment', name);
  return existsSync(file) ? load(file) : fail(`Error from server (NotFound): "${target}" not found`);
};

function removeAll(namespace: string, args: readonly string[]): void {
  const { values, words: what } = read(args, { filename: text, 'ignore-not-found': flag, wait: text });
  if (what[0] !== 'namespace') {
    for (const thing of input()) remove(namespace, thing);
    return;
  }
  const file = path.join(home, `${what[1]}.namespace`);
  if (values['wait'] !== 'false') fail('error: timed out waiting for the condition');
  if (!existsSync(file))
    return values['ignore-not-found'] === undefined
      ? fail('Error from server (NotFound): namespaces not found')
      : undefined;
  writeFileSync(file, JSON.stringify({ ...load(file), phase: 'Terminating' }));
  pause(home, 'delete');
}

function patch(namespace: string, args: readonly string[]): void {
  const { values, words: what } = read(args, { type: text, patch: text });
  const thing = deploymentOf(namespace, what[0] ?? '');
  const change: Thing = JSON.parse(values['patch'] ?? '');
  const template = thing.spec?.template;
  const annotations = { ...template?.metadata?.annotations, ...change.spec?.template?.metadata?.annotations };
  const spec = template?.spec ?? { containers: [] };
  put(namespace, {
    ...thing,
    spec: { ...thing.spec, template: { metadata: { ...template?.metadata, annotations }, spec } },
  });
}

function kubectl(): void {
  const at = words.findIndex((word, index) => !word.startsWith('--') && !words[index - 1]?.startsWith('--'));
  const { values } = read(words.slice(0, at), { namespace: text, context: text });
  const namespace = values['namespace'] ?? 'default';
  const verb = words[at] ?? '';
  const rest = words.slice(at + 1);
  if (mode === 'refused')
    fail('The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?');
  if (verb === 'apply') return apply(namespace, rest);
  if (verb === 'get') return get(namespace, rest);
  if (verb === 'delete') return removeAll(namespace, rest);
  if (verb === 'patch') return patch(namespace, rest);
  if (verb === 'rollout') {
    const { words: what } = read(rest, { timeout: text });
    const { metadata } = deploymentOf(namespace, what[1] ?? '');
    process.exitCode = existsSync(podFile(namespace, metadata.name, 'exit')) ? 1 : 0;
    return undefined;
  }
  if (verb === 'logs') {
    const { words: what, values } = read(rest, { 'all-containers': flag, tail: text, 'since-time': text });
    const { metadata } = deploymentOf(namespace, what[0] ?? '');
    const log = readFileSync(podFile(namespace, metadata.name, 'log'), 'utf8');
    return void process.stdout.write(written(log, values['since-time']));
  }
  if (verb !== 'exec' || rest[1] !== '--') fail(`error: unknown command "${verb}"`);
  const { spec } = deploymentOf(namespace, rest[0] ?? '');
  const cwd = spec?.template?.spec.containers[0]?.workingDir;
  const { status } = spawnSync(rest[2] ?? '', rest.slice(3), { cwd, stdio: 'inherit' });
  process.exitCode = status ?? 126;
  return undefined;
}

function helm(): void {
  const { values, words: what } = read(words.slice(1), {
    install: flag,
    namespace: text,
    'kube-context': text,
    values: { type: 'string', multiple: true },
    'set-string': { type: 'string', multiple: true },
  });
  const chart = path.join(what[1] ?? '', 'rendered.json');
  if (words[0] !== 'upgrade' || values['install'] === undefined) fail(`Error: unknown command "${words[0]}"`);
  if (!existsSync(chart)) fail(`Error: path "${what[1]}" not found`);
  const set = [values['set-string'] ?? []].flat();
  let rendered = readFileSync(chart, 'utf8');
  for (const pair of set) {
    const [key = '', value = ''] = pair.split(/=(.*)/);
    rendered = rendered.replaceAll(`<${key}>`, value);
  }
  const all: Thing[] = JSON.parse(rendered);
  for (const thing of all) put(values['namespace'] ?? '', thing);
  pause(home, 'helm');
}

if (program === 'helm') helm();
else kubectl();

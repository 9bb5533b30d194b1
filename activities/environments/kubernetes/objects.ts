import { z } from 'zod';

/** Marks of this product on what it makes in a cluster. */
export const MARKS = {
  managed: 'app.kubernetes.io/managed-by',
  product: 'spec-to-pr',
  environment: 'dev.spec-to-pr/environment',
  name: 'dev.spec-to-pr/name',
  owner: 'dev.spec-to-pr/owner',
  commits: 'dev.spec-to-pr/commits',
} as const;

const texts = z.record(z.string(), z.string()).default({});
const metadata = z.object({
  name: z.string(),
  labels: texts,
  annotations: texts,
  deletionTimestamp: z.string().optional(),
  ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
});
const container = z.object({
  ready: z.boolean().default(false),
  restartCount: z.number().default(0),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default('') }).optional(),
      terminated: z.object({ exitCode: z.number() }).optional(),
    })
    .default({}),
});
const pod = z.object({
  kind: z.literal('Pod'),
  metadata,
  status: z.object({
    phase: z.string().default('Pending'),
    initContainerStatuses: z.array(container).default([]),
    containerStatuses: z.array(container).default([]),
  }),
});
const workload = z.object({ kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet']), metadata });
const place = z.object({ ip: z.string().optional(), hostname: z.string().optional() });
const balancer = z.object({ ingress: z.array(place).default([]) }).default({ ingress: [] });
const service = z.object({
  kind: z.literal('Service'),
  metadata,
  spec: z.object({
    type: z.string().default('ClusterIP'),
    ports: z.array(z.object({ port: z.number() })).default([]),
  }),
  status: z.object({ loadBalancer: balancer }).default({ loadBalancer: { ingress: [] } }),
});
const backend = z.object({ service: z.object({ name: z.string() }).optional() });
const ingress = z.object({
  kind: z.literal('Ingress'),
  metadata,
  spec: z.object({
    tls: z.array(z.object({ hosts: z.array(z.string()).default([]) })).default([]),
    rules: z
      .array(
        z.object({
          host: z.string().default(''),
          http: z.object({ paths: z.array(z.object({ path: z.string().default('/'), backend })) }).optional(),
        }),
      )
      .default([]),
  }),
});

export type Pod = z.infer<typeof pod>;
export type Workload = z.infer<typeof workload>;
export type Service = z.infer<typeof service>;
export type Ingress = z.infer<typeof ingress>;

/** A namespace of this product. */
export const namespaceObject = z.object({
  metadata,
  status: z.object({ phase: z.string().default('Active') }).default({ phase: 'Active' }),
});

/** Items of `kubectl get … -o json` of any kind. */
export const listObject = z.object({ items: z.array(z.unknown()).default([]) });

/** What runs in a namespace. Pods that are being deleted are left out. */
export interface Running {
  readonly pods: readonly Pod[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly ingresses: readonly Ingress[];
}

/** Kinds that `runningOf` reads, as kubectl names them. */
export const RUNNING_KINDS = 'pods,deployments,statefulsets,daemonsets,services,ingresses';

/** Sorts the items of a list by kind; what is none of these is left out. */
export function runningOf(list: unknown): Running {
  const items = listObject.safeParse(list).data?.items ?? [];
  return {
    pods: select(items, pod).filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    workloads: select(items, workload),
    services: select(items, service),
    ingresses: select(items, ingress),
  };
}

function select<T>(items: readonly unknown[], schema: z.ZodType<T>): readonly T[] {
  return items.flatMap((item) => {
    const result = schema.safeParse(item);
    return result.success ? [result.data] : [];
  });
}

/** The workload that a pod belongs to, or the pod's own name. */
export function serviceOf({ metadata: { name, labels, ownerReferences } }: Pod): string {
  const [owner] = ownerReferences;
  if (owner === undefined) return name;
  const hash = labels['pod-template-hash'];
  const suffix = hash === undefined ? '' : `-${hash}`;
  return owner.kind === 'ReplicaSet' && suffix !== '' && owner.name.endsWith(suffix)
    ? owner.name.slice(0, -suffix.length)
    : owner.name;
}

const HOPELESS =
  /^(CrashLoopBackOff|ErrImagePull|ImagePullBackOff|InvalidImageName|CreateContainer(Config)?Error|RunContainerError)$/;

/** What is wrong with a pod, what it waits for, or nothing. */
export function conditionOf({ status }: Pod): { readonly bad: string } | { readonly waits: string } | undefined {
  if (status.phase === 'Succeeded') return undefined;
  const all = [...status.initContainerStatuses, ...status.containerStatuses];
  for (const { state } of all) {
    const reason = state.waiting?.reason ?? '';
    if (HOPELESS.test(reason)) return { bad: `is in ${reason}` };
  }
  const ended = all.find(({ state }) => state.terminated !== undefined && state.terminated.exitCode !== 0);
  if (status.phase === 'Failed' || ended !== undefined)
    return { bad: `ended with exit code ${ended?.state.terminated?.exitCode ?? 'unknown'}` };
  if (status.phase !== 'Running') return { waits: status.phase };
  return status.containerStatuses.every(({ ready }) => ready) ? undefined : { waits: 'not ready' };
}

/** Base URL by service: ingresses by their host, then load balancers by their address and first port. */
export function addressesOf({ services, ingresses }: Running): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { metadata, spec, status } of services) {
    const [at] = status.loadBalancer.ingress;
    const host = at?.hostname ?? at?.ip;
    const [first] = spec.ports;
    if (spec.type !== 'LoadBalancer' || host === undefined || first === undefined) continue;
    found[metadata.name] = new URL(`http://${host.includes(':') ? `[${host}]` : host}:${first.port}`).origin;
  }
  for (const { spec } of ingresses)
    for (const { host, http } of spec.rules)
      for (const { path, backend } of http?.paths ?? []) {
        if (host === '' || host.includes('*') || backend.service === undefined) continue;
        const scheme = spec.tls.some(({ hosts }) => hosts.includes(host)) ? 'https' : 'http';
        found[backend.service.name] = `${scheme}://${host}${path === '/' ? '' : path.replace(/\/$/, '')}`;
      }
  return found;
}

import { parseAllDocuments } from 'yaml';

/** What every object of a manifest is marked with. */
export interface Marking {
  readonly labels: Readonly<Record<string, string>>;
  /** For objects that run pods, and their pods. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** The objects, or a sentence about why the text holds none. */
export type Manifests = { readonly objects: readonly unknown[] } | { readonly problem: string };

// They belong to no namespace: destroying the environment would leave them.
const CLUSTER_WIDE =
  /^(Namespace|Node|PersistentVolume|StorageClass|IngressClass|PriorityClass|RuntimeClass|CustomResourceDefinition|APIService|CSIDriver|Cluster\w+|\w+WebhookConfiguration|ValidatingAdmissionPolicy\w*)$/;
const WITH_PODS = /^(Deployment|StatefulSet|DaemonSet|ReplicaSet|Job)$/;

interface Labelled {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>> | null;
    readonly annotations?: Readonly<Record<string, string>> | null;
  } | null;
}

/** Reads YAML or JSON manifests and marks their objects. Objects that outlive a namespace are a problem. */
export function markManifests(text: string, marking: Marking): Manifests {
  const objects: unknown[] = [];
  for (const document of parseAllDocuments(text)) {
    const [error] = document.errors;
    if (error !== undefined) return { problem: `is no YAML: ${error.message.split('\n')[0] ?? ''}` };
    const value: unknown = document.toJS();
    if (value !== null && value !== undefined) objects.push(...itemsOf(value));
  }
  const marked: unknown[] = [];
  for (const object of objects) {
    if (!isObject(object) || typeof object['kind'] !== 'string') return { problem: 'holds something without a "kind"' };
    const { kind } = object;
    if (CLUSTER_WIDE.test(kind)) return { problem: `has a ${kind}, which would outlive the environment` };
    marked.push(mark(object, kind, marking));
  }
  return { objects: marked };
}

function itemsOf(value: unknown): readonly unknown[] {
  if (!isObject(value) || value['kind'] !== 'List' || !Array.isArray(value['items'])) return [value];
  return value['items'];
}

function mark(object: Readonly<Record<string, unknown>>, kind: string, marking: Marking): unknown {
  const marked = withMarks(object, marking, kind === 'Pod' || WITH_PODS.test(kind));
  const { spec } = object;
  if (!WITH_PODS.test(kind) || !isObject(spec) || !isObject(spec['template'])) return marked;
  return { ...marked, spec: { ...spec, template: withMarks(spec['template'], marking, true) } };
}

function withMarks(
  object: Labelled & Readonly<Record<string, unknown>>,
  marking: Marking,
  pods: boolean,
): Record<string, unknown> {
  const { metadata } = object;
  const labels = { ...metadata?.labels, ...marking.labels };
  const annotations = pods ? { annotations: { ...metadata?.annotations, ...marking.annotations } } : {};
  return { ...object, metadata: { ...metadata, labels, ...annotations } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

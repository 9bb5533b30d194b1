import { parse } from 'yaml';
import { z } from 'zod';
import { LABELS } from './containers.ts';
import type { DeployRequest } from '../index.ts';
import { resourceName } from '../variables.ts';

const service = z.object({
  image: z.string().optional(),
  build: z.unknown().optional(),
  container_name: z.string().optional(),
  network_mode: z.string().optional(),
  networks: z.record(z.string(), z.unknown()).nullish(),
});
const shared = z.record(
  z.string(),
  z.object({ name: z.string().optional(), external: z.unknown().optional() }).nullish(),
);
const configuration = z.object({
  version: z.unknown().optional(),
  services: z.record(z.string(), service),
  networks: shared.nullish(),
  volumes: shared.nullish(),
});

/** What `compose config` says of the user's files, as far as it counts here. */
export type Configuration = z.infer<typeof configuration>;

type Service = z.infer<typeof service>;

/** Reads what `compose config` printed; nothing when that is no configuration. */
export function readConfiguration(text: string): Configuration | undefined {
  try {
    return configuration.safeParse(parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * A compose file for behind the user's: it labels all containers, and replaces names that the user's files fix by names of the
 * environment's own, so that two environments of the same files share neither containers nor images, networks and volumes.
 */
export function ownFile(request: DeployRequest, { version, services, networks, volumes }: Configuration): string {
  const project = resourceName(request.name);
  const labels = labelsOf(request);
  // What has a version is printed by a compose of old, which knows no further tags of what is built.
  const images = version === undefined ? builtImages(Object.values(services), project) : new Map<string, string>();
  const own = Object.entries(services).map(([key, said]): [string, object] => [
    key,
    { labels, ...ownContainer(said, `${project}-${key}-1`), ...ownImage(said, images) },
  ]);
  return JSON.stringify({
    services: Object.fromEntries(own),
    networks: ownNames(networks ?? {}, project),
    volumes: ownNames(volumes ?? {}, project),
  });
}

// Compose fills variables in: a dollar stands for itself when it is doubled.
function labelsOf({ name, owner, commits }: DeployRequest): Readonly<Record<string, string>> {
  const labels = {
    [LABELS.environment]: resourceName(name),
    [LABELS.name]: name,
    [LABELS.owner]: owner,
    [LABELS.commits]: JSON.stringify(commits),
  };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value.replaceAll('$', '$$$$')]));
}

// Other services may know the container by the name that it loses.
function ownContainer({ container_name: fixed, network_mode, networks }: Service, name: string): object {
  if (fixed === undefined) return {};
  if (network_mode !== undefined) return { container_name: name };
  const known = Object.keys(networks ?? { default: null }).map((key) => [key, { aliases: [fixed] }]);
  return { container_name: name, networks: Object.fromEntries(known) };
}

function ownImage({ image = '', build }: Service, images: ReadonlyMap<string, string>): object {
  const own = images.get(image);
  if (own === undefined) return {};
  // Another service's build may begin with the image by the name that the user gave it.
  return build === undefined ? { image: own } : { image: own, build: { tags: [image] } };
}

const TAG_LENGTH = 60;

function builtImages(services: readonly Service[], project: string): ReadonlyMap<string, string> {
  const built = services.flatMap(({ image, build }) => (image === undefined || build === undefined ? [] : [image]));
  return new Map(
    built.map((image) => {
      const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
      const [name, tag] = colon === -1 ? [image, 'latest'] : [image.slice(0, colon), image.slice(colon + 1)];
      return [image, `${name}:${tag.slice(0, TAG_LENGTH)}-${project}`];
    }),
  );
}

function ownNames(all: NonNullable<Configuration['networks']>, project: string): object {
  const fixed = Object.entries(all).filter(
    ([, said]) => said?.name !== undefined && said.external !== true && !said.name.startsWith(`${project}_`),
  );
  return Object.fromEntries(fixed.map(([key]) => [key, { name: `${project}_${key}` }]));
}

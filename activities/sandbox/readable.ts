import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/nix/store',
  '/gnu/store',
  '/snap',
];

/** True when `place` is `folder` or lies below it; both absolute. */
export function within(place: string, folder: string): boolean {
  return place === folder || place.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
}

/** Folders of the operating system and its packages that are there on this host. */
export async function systemFolders(): Promise<readonly string[]> {
  return existing(SYSTEM);
}

/** What of these paths exists; a path that leads through links is given as it is and as what it leads to. */
export async function existing(places: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      const real = await realpath(place).catch(() => undefined);
      return real === undefined ? [] : [place, real];
    }),
  );
  return [...new Set(found.flat())];
}

/** The same places without those that lie in another of them, shortest first. */
export function topmost(places: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const place of places.toSorted((a, b) => a.length - b.length))
    if (!kept.some((folder) => within(place, folder))) kept.push(place);
  return kept;
}

/** What a program outside of the system's folders needs to be started: itself, and the packages beside it. */
export async function programReads(file: string): Promise<readonly string[]> {
  if (!path.isAbsolute(file) || inSystem(file)) return [];
  const places = await existing([file, ...(await linked(file))]);
  return existing(places.map(packagesOf).filter((place) => !inSystem(place)));
}

/** The folders of a PATH that lie outside of the system's, with what the links in them lead to. */
export async function pathReads(variable: string): Promise<readonly string[]> {
  const folders = variable.split(path.delimiter).filter((folder) => path.isAbsolute(folder) && !inSystem(folder));
  const programs = await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      const links = entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => path.join(folder, name));
      return (await Promise.all(links.map(programReads))).flat();
    }),
  );
  return [...(await existing(folders)), ...programs.flat()];
}

/** The values that are absolute paths of files: arguments such as a script, variables such as a bundle of certificates. */
export async function fileReads(values: readonly string[]): Promise<readonly string[]> {
  const candidates = values.filter((value) => path.isAbsolute(value) && !inSystem(value));
  const files = await Promise.all(
    candidates.map((value) =>
      stat(value).then(
        (found) => (found.isFile() ? [value] : []),
        () => [],
      ),
    ),
  );
  return existing(files.flat());
}

const inSystem = (place: string): boolean => SYSTEM.some((folder) => within(place, folder));

async function linked(file: string): Promise<readonly string[]> {
  const target = await readlink(file).catch(() => undefined);
  return target === undefined ? [] : [path.resolve(path.dirname(file), target)];
}

/** A file of a package needs the packages that are installed with it. */
function packagesOf(file: string): string {
  const parts = file.split(path.sep);
  const index = parts.indexOf('node_modules');
  return index === -1 ? file : parts.slice(0, index + 1).join(path.sep);
}

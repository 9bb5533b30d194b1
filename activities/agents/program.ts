import { existsSync } from 'node:fs';
import path from 'node:path';

/** Files and folders of this program that helpers of a session are run from: our own modules and their packages. Absolute. */
export function programFiles(): readonly string[] {
  const base = path.resolve(import.meta.dirname, '../..');
  const own = ['domain', 'formats', 'activities', 'package.json'].map((name) => path.join(base, name));
  const packages = ancestors(base).flatMap((folder) => [
    path.join(folder, 'node_modules'),
    ...(folder === path.dirname(base) ? [path.join(folder, 'package.json')] : []),
  ]);
  return [...own, ...packages].filter((name) => existsSync(name));
}

function ancestors(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

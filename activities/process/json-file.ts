import { readFile, rename, writeFile } from 'node:fs/promises';

/** What a file of ours holds, unchecked; nothing when it is missing or cannot be read. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    const value: T = JSON.parse(await readFile(file, 'utf8'));
    return value;
  } catch {
    return undefined;
  }
}

/** Writes the file in one step: whoever reads it, also after a crash, sees all of it or what was there before. One writer at a time. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(value, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

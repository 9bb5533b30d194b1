import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactRef } from '../../domain/ids.ts';
import type { ArtifactStore } from './index.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/** Artifacts as plain files below one folder, readable with any editor. */
export function fileArtifacts(root: string): ArtifactStore {
  const locate = (ref: string): string => {
    const file = path.resolve(root, ref);
    if (!file.startsWith(path.resolve(root) + path.sep))
      throw new RangeError(`artifact "${ref}" lies outside of the store`);
    return file;
  };
  const put = async (folder: string, name: string, content: string | Uint8Array): Promise<ArtifactRef> => {
    const ref = `${folder}/${name}`;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const file = locate(ref);
    await mkdir(path.dirname(file), { recursive: true });
    const draft = `${file}.${randomUUID()}.part`;
    await writeFile(draft, bytes);
    await rename(draft, file);
    return { ref, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.byteLength };
  };
  return {
    put,
    putFile: async (folder, name, source) => put(folder, name, await capped(source)),
    read: (artifact) => readFile(locate(artifact.ref), 'utf8'),
    locate,
  };
}

async function capped(source: string): Promise<Uint8Array> {
  const { size } = await stat(source);
  if (size <= MAX_BYTES) return readFile(source);
  const half = MAX_BYTES / 2;
  const handle = await open(source);
  try {
    const first = Buffer.alloc(half);
    const last = Buffer.alloc(half);
    await handle.read(first, 0, half, 0);
    await handle.read(last, 0, half, size - half);
    return Buffer.concat([first, Buffer.from(`\n… (${size - MAX_BYTES} bytes cut)\n`), last]);
  } finally {
    await handle.close();
  }
}

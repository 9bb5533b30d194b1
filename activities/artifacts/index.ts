import type { ArtifactRef } from '../../domain/ids.ts';

/** Keeps large values. Refs are `<folder>/<name>`; putting the same name again replaces it. */
export interface ArtifactStore {
  put(folder: string, name: string, content: string | Uint8Array): Promise<ArtifactRef>;
  /** Copies a file in, cutting the middle out of one larger than the store's cap. */
  putFile(folder: string, name: string, path: string): Promise<ArtifactRef>;
  read(artifact: ArtifactRef): Promise<string>;
  /** Where a person can open it. */
  locate(ref: string): string;
}

export { fileArtifacts } from './file.ts';

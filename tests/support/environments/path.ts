import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder for PATH that holds stand-ins: each program runs `node <script> <its name> <arguments>`. */
export async function standIns(folder: string, script: string, programs: readonly string[]): Promise<string> {
  const bin = path.join(folder, 'bin');
  const cache = path.join(tmpdir(), 'spec-to-pr-stand-ins');
  await mkdir(bin, { recursive: true });
  for (const program of programs) {
    const file = path.join(bin, program);
    const node = `"${process.execPath}" --disable-warning=ExperimentalWarning`;
    await writeFile(
      file,
      `#!/bin/sh\nNODE_COMPILE_CACHE="${cache}" exec ${node} "${path.join(import.meta.dirname, script)}" ${program} "$@"\n`,
    );
    await chmod(file, 0o755);
  }
  return bin;
}

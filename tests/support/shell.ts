import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { cacheHome } from '../../worker/processes/home.ts';
import { findTemporal } from '../../worker/temporal/find.ts';

/** Pastes a command into a shell that has the two command-line programs, as a person does. Gives what it printed. */
export async function pasted(
  command: string,
  { home, address }: { readonly home: string; readonly address: string },
): Promise<string> {
  const bin = path.join(home, 'bin');
  await mkdir(bin, { recursive: true });
  const { file } = await findTemporal({
    path: process.env['PATH'] ?? '',
    cacheDir: cacheHome(process.env),
    say: () => undefined,
  });
  await symlink(file, path.join(bin, 'temporal')).catch(() => undefined);
  const main = path.resolve(import.meta.dirname, '../../client/main.ts');
  const own = path.join(bin, 'spec-to-pr');
  await writeFile(own, `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${main}' "$@"\n`);
  await chmod(own, 0o755);
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: home, TEMPORAL_ADDRESS: address };
  const { all } = await execa('sh', ['-c', command], { env, extendEnv: false, all: true, reject: false });
  return all;
}

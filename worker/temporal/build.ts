import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { TEMPORAL_VERSION } from './version.ts';

const RECIPE = path.join(import.meta.dirname, 'build');

/** Builds the binary with Go from the module pinned beside this file. Takes minutes once. */
export async function buildTemporal(target: string, options: { path: string; say(line: string): void }): Promise<void> {
  const environment = { PATH: options.path };
  const go = await execa('go', ['version'], { reject: false, env: environment });
  if (go.exitCode !== 0) throw new Error('Go is not on PATH');
  const folder = await mkdtemp(path.join(tmpdir(), 'temporal-build-'));
  options.say(`Building the Temporal server ${TEMPORAL_VERSION} from its Go module, once: this takes a few minutes.`);
  try {
    await cp(RECIPE, folder, { recursive: true });
    const stamp = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_VERSION}`;
    const built = await execa(
      'go',
      [
        'build',
        '-mod=readonly',
        '-trimpath',
        '-ldflags',
        stamp,
        '-o',
        target,
        'github.com/temporalio/cli/cmd/temporal',
      ],
      {
        cwd: folder,
        env: environment,
        reject: false,
        all: true,
        killDescendants: true,
      },
    );
    if (built.exitCode !== 0) throw new Error(`go build failed: ${built.all.trim().split('\n').at(-1) ?? ''}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

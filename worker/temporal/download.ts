import { chmod, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TEMPORAL_VERSION } from './version.ts';

const LIMIT_MS = 120_000;

/** Lets the SDK download the CLI, and copies it to `target`. Needs the internet; gives up after two minutes. */
export async function downloadTemporal(target: string, options: { say(line: string): void }): Promise<void> {
  options.say(`Looking whether the Temporal server ${TEMPORAL_VERSION} can be downloaded.`);
  const folder = await mkdtemp(path.join(tmpdir(), 'temporal-download-'));
  try {
    await Promise.race([download(folder), tooSlow()]);
    const [file] = (await readdir(folder)).filter(
      (name) => name.startsWith('temporal') && !name.endsWith('.downloading'),
    );
    if (file === undefined) throw new Error('the download left no file');
    await cp(path.join(folder, file), target);
    await chmod(target, 0o755);
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`the download failed: ${line ?? ''}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(downloadDir: string): Promise<void> {
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir, version: `v${TEMPORAL_VERSION}` } },
  });
  await environment.teardown();
}

async function tooSlow(): Promise<never> {
  await wait(LIMIT_MS, undefined, { ref: false });
  throw new Error(`it took longer than ${LIMIT_MS / 1000} s`);
}

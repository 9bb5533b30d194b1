import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessCaps } from '../../../domain/environment.ts';
import { oneLine } from '../../../domain/text.ts';
import { MARKER } from '../../process/marked.ts';

// Looks at the whole process group of a service, twice a second, from a group of its own. $1 group, $2 file that tells what was
// exceeded; $3 megabytes, $4 processes, $5 seconds of CPU, 0 for no cap.
const WATCH = `
while sleep 0.5 && kill -0 "-$1" 2>/dev/null; do
  said=$(ps -A -o pgid= -o rss= -o time= | awk -v group="$1" -v mb="$3" -v count="$4" -v cpu="$5" '
    $1 == group {
      rss += $2; n++; own = 0; days = 0
      if (split($3, whole, "-") > 1) days = whole[1]
      parts = split(days > 0 ? whole[2] : $3, clock, ":")
      for (i = 1; i <= parts; i++) own = own * 60 + clock[i]
      used += days * 86400 + own
    }
    END {
      if (mb > 0 && rss / 1024 > mb) printf "it used %d MB of memory, its cap is %d MB", rss / 1024, mb
      else if (count > 0 && n > count) printf "it had %d processes, its cap is %d", n, count
      else if (cpu > 0 && used > cpu) printf "it used %d s of CPU, its cap is %d s", used, cpu
    }')
  [ -n "$said" ] || continue
  printf '%s\\n' "$said" >"$2"
  kill -KILL "-$1"
done`;

const capFile = (folder: string, key: string): string => path.join(folder, `${key}.cap`);

/** A shell command line under the caps that a process inherits: of open files. */
export function underLimits(start: string, { openFiles }: ProcessCaps): readonly string[] {
  return openFiles === undefined ? ['-c', start] : ['-c', `ulimit -n ${openFiles} && exec /bin/sh -c "$0"`, start];
}

interface Watched {
  readonly folder: string;
  readonly key: string;
  readonly marker: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Ends a service's process group as soon as all of it together is above a cap. Ends with the service, or by its marker. */
export function watch(pid: number, caps: ProcessCaps, { folder, key, marker, environment }: Watched): void {
  const { memoryMb = 0, processes = 0, cpuSeconds = 0 } = caps;
  if (memoryMb + processes + cpuSeconds === 0) return;
  const numbers = [memoryMb, processes, cpuSeconds].map(String);
  const child = spawn('/bin/sh', ['-c', WATCH, 'watch', String(pid), capFile(folder, key), ...numbers], {
    cwd: '/',
    env: { ...environment, [MARKER]: marker },
    detached: true,
    stdio: 'ignore',
  });
  // A host without a shell would not have started the service.
  child.once('error', () => undefined);
  child.unref();
}

/** Forgets what an earlier start of the service exceeded. */
export async function forgetExcess(folder: string, key: string): Promise<void> {
  await rm(capFile(folder, key), { force: true });
}

/** Which cap a service was ended for: a clause such as `it used 70 MB of memory, its cap is 64 MB`. Nothing when for none. */
export async function excessOf(folder: string, key: string): Promise<string | undefined> {
  const said = await readFile(capFile(folder, key), 'utf8').catch(() => '');
  return said === '' ? undefined : oneLine(said, 120);
}

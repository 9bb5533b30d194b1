import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MARKER } from '../../process/marked.ts';
import type { Started } from '../../process/table.ts';
import type { ServiceProcess } from './record.ts';

// Each second: who descends from a service, kept also when its parent has ended; and a log that is too large loses its older part.
// $1 known processes, `pid:start;` each, $2 file to record them in, $3 log, $4 512-byte blocks that it may have, $5 bytes kept then.
const FOLLOW = `
known=$1 file=$2 log=$3 before=
rows() {
  if [ -r /proc/self/stat ]; then cat /proc/[0-9]*/stat 2>/dev/null
  else LC_ALL=C TZ=UTC ps -A -o pid= -o ppid= -o stat= -o lstart=; fi
}
while :; do
  known=$(rows | awk -v known="$known" '
    function take(pid, parent, state, start) {
      if (state ~ /^[ZX]/) return
      parentOf[pid] = parent
      startOf[pid] = start
    }
    /^[0-9]+ \\(/ {
      rest = $0
      sub(/^.*\\) /, "", rest)
      split(rest, field, " ")
      take($1, field[2], field[1], field[20])
      next
    }
    /^ *[0-9]+ +[0-9]+ / {
      start = $4
      for (i = 5; i <= NF; i++) start = start " " $i
      take($1, $2, $3, start)
    }
    END {
      count = split(known, entries, ";")
      for (i = 1; i <= count; i++) {
        at = index(entries[i], ":")
        pid = substr(entries[i], 1, at - 1)
        if (at > 0 && (pid in parentOf) && startOf[pid] == substr(entries[i], at + 1)) kin[pid] = 1
      }
      do {
        more = 0
        for (pid in parentOf) if (!(pid in kin) && (parentOf[pid] in kin)) { kin[pid] = 1; more = 1 }
      } while (more)
      for (pid in kin) printf "%s:%s;", pid, startOf[pid]
    }')
  [ -n "$known" ] && [ -d "\${file%/*}" ] || exit 0
  if [ "$known" != "$before" ]; then
    printf '%s' "$known" >"$file.part" && mv "$file.part" "$file" && before=$known
  fi
  if [ -n "$(find "$log" -size "+$4" 2>/dev/null)" ]; then
    tail -c "$5" "$log" >"$file.tail"
    printf '[older lines were left out]\\n' >"$log"
    cat "$file.tail" >>"$log"
    rm -f "$file.tail"
  fi
  sleep 1
done 2>/dev/null`;

const MAX_LOG_BYTES = 64 * 1024 * 1024;
const KEPT_LOG_BYTES = 16 * 1024 * 1024;
const BLOCK_BYTES = 512;
const SUFFIX = '.kin';

interface Followed {
  readonly folder: string;
  readonly key: string;
  readonly marker: string;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Records what descends from a service, and keeps its log below 64 MB or so, until all of them have ended. */
export function follow({ pid, startTime }: ServiceProcess, to: Followed): void {
  const file = path.join(to.folder, `${to.marker}.${to.key}${SUFFIX}`);
  const sizes = [MAX_LOG_BYTES / BLOCK_BYTES, KEPT_LOG_BYTES].map(String);
  const child = spawn('/bin/sh', ['-c', FOLLOW, 'follow', `${pid}:${startTime};`, file, to.log, ...sizes], {
    cwd: '/',
    env: { ...to.environment, [MARKER]: `${to.marker}.follow` },
    detached: true,
    stdio: 'ignore',
  });
  // A host without a shell would not have started the service.
  child.once('error', () => undefined);
  child.unref();
}

/** What descended from the services when it was last looked at: when they started, by pid. */
export async function recordedKin(folder: string, marker: string): Promise<Started> {
  const names = (await readdir(folder).catch(() => [])).filter(
    (name) => name.startsWith(`${marker}.`) && name.endsWith(SUFFIX),
  );
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8').catch(() => '')));
  const entries = texts.flatMap((text) => text.split(';')).filter((entry) => entry.includes(':'));
  return new Map(entries.map((entry) => [Number.parseInt(entry, 10), entry.slice(entry.indexOf(':') + 1)]));
}

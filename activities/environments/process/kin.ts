import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MARKER } from '../../process/marked.ts';
import type { Started } from '../../process/table.ts';
import type { ServiceProcess } from './record.ts';

// Each second: who descends from a service, kept also when its parent has ended; how much it has ever written, as `second bytes`;
// and a log that is too large loses its older part, as a file of the bytes lost so far tells.
// $1 known processes, `pid:start;` each, $2 file to record them in, $3 log, $4 bytes that it may have, $5 bytes kept then,
// $6 file of the sizes, $7 file of the bytes lost.
const FOLLOW = `
known=$1 file=$2 log=$3 times=$6 lost=$7 before= dropped=0 noted=
sized() { size=$(wc -c <"$log") && size=$((size)); }
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
  sized || size=0
  if [ "$((dropped + size))" != "$noted" ]; then
    noted=$((dropped + size))
    printf '%s %s\\n' "$(date +%s)" "$noted" >>"$times"
    if [ -n "$(find "$times" -size +2048)" ]; then
      tail -c 500000 "$times" >"$file.tail" && mv "$file.tail" "$times"
    fi
  fi
  if [ "$size" -gt "$4" ]; then
    tail -c "$5" "$log" >"$file.tail"
    sized
    whole=$size
    printf '[older lines were left out]\\n' >"$log"
    cat "$file.tail" >>"$log"
    rm -f "$file.tail"
    sized && dropped=$((dropped + whole - size))
    printf '%s' "$dropped" >"$lost.part" && mv "$lost.part" "$lost"
  fi
  sleep 1
done 2>/dev/null`;

const MAX_LOG_BYTES = 64 * 1024 * 1024;
const KEPT_LOG_BYTES = 16 * 1024 * 1024;
const SUFFIX = '.kin';

/** Notes `second bytes`, a line each: how much a service had written by then since its start. */
export const timesFile = (folder: string, marker: string, key: string): string =>
  path.join(folder, `${marker}.${key}.times`);

/** Holds how many bytes of a service's log are gone. */
export const droppedFile = (folder: string, marker: string, key: string): string =>
  path.join(folder, `${marker}.${key}.dropped`);

interface Followed {
  readonly folder: string;
  readonly key: string;
  readonly marker: string;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Records what descends from a service and when it wrote how much, and keeps its log below 64 MB or so, until all of them have ended. */
export function follow({ pid, startTime }: ServiceProcess, to: Followed): void {
  const { folder, marker, key, log, environment } = to;
  const file = path.join(folder, `${marker}.${key}${SUFFIX}`);
  const sizes = [MAX_LOG_BYTES, KEPT_LOG_BYTES].map(String);
  const files = [timesFile(folder, marker, key), droppedFile(folder, marker, key)];
  const child = spawn('/bin/sh', ['-c', FOLLOW, 'follow', `${pid}:${startTime};`, file, log, ...sizes, ...files], {
    cwd: '/',
    env: { ...environment, [MARKER]: `${marker}.follow` },
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

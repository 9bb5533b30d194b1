// How the stand-ins of engines keep a service's log: each line with the second that it was written in.

/** A shell command line that writes what another one prints to a file. */
export function stamped(run: string, log: string): string {
  const keep = `printf '%s %s\\n' "$(date +%s)" "$line"`;
  return `{ ${run}; } 2>&1 | while IFS= read -r line || [ -n "$line" ]; do ${keep}; done >"${log}"`;
}

/** The lines of such a file without their seconds, from the second of a date on. */
export function written(text: string, since = ''): string {
  const from = since === '' ? 0 : Math.floor(Date.parse(since) / 1000);
  const lines = text.split('\n').filter((line) => line !== '' && Number.parseInt(line, 10) >= from);
  return lines.map((line) => `${line.replace(/^\d+ /, '')}\n`).join('');
}

/** When each host last gave a sign, in milliseconds since the epoch, by the host's id. */
export type Hosts = Readonly<Record<string, number>>;

const FORGOTTEN_MS = 14 * 86_400_000;
const MOST = 200;
const HOST = /^[A-Za-z0-9.-]{1,60}$/;

/** The hosts after a sign, which may be anything: it comes from outside. Those that have given none for two weeks, or are the oldest of too many, are forgotten. */
export function withSign(before: Hosts, host: unknown, now: number): Hosts {
  if (typeof host !== 'string' || !HOST.test(host)) return before;
  const kept = Object.entries({ ...before, [host]: now }).filter(([, at]) => now - at < FORGOTTEN_MS);
  return Object.fromEntries(kept.toSorted(([, a], [, b]) => b - a).slice(0, MOST));
}

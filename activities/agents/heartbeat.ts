import { writeSync } from 'node:fs';

/** For players: each call gives a sign of life, at most one a second: an empty line on standard error, which the silence timer hears. */
export function heartbeat(): () => void {
  let last = 0;
  return () => {
    if (Date.now() - last < 1000) return;
    last = Date.now();
    writeSync(2, '\n');
  };
}

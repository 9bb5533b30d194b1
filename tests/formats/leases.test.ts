import { expect, test } from '@jest/globals';
import { MINIMAL, parse } from '../support/project-file.ts';

test('leases are read with their times, and a time that is none is refused', () => {
  const leases = 'leases: { ttl: 10m, escalated: 8h, sweep: erase, sweep_every: 15m, min_ready: 2, max_age: 1d }';
  expect(parse(`${MINIMAL}\n${leases}`)).toMatchObject({
    leases: {
      ...{ seconds: 600, escalatedSeconds: 8 * 3600, sweep: 'erase', sweepSeconds: 900 },
      ...{ minReady: 2, maxAgeSeconds: 86_400 },
    },
  });
  expect(parse(`${MINIMAL}\nleases: { escalated: release }`)).toMatchObject({ leases: { escalatedSeconds: 0 } });
  expect(() => parse(`${MINIMAL}\nleases: { ttl: 0s }`)).toThrow(/"leases.ttl" has to be a number of seconds, minutes/);
});

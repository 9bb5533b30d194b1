import { expect, test } from '@jest/globals';
import type { Run } from '../../domain/run.ts';
import { undoes } from '../../domain/undo.ts';
import { implementation, plannedRun, play, projectOf } from '../support/run.ts';

const repositories = projectOf().repositories.flatMap(({ url, base }) =>
  ['api', 'web', 'docs'].map((key) => ({ key, url, base, baseCommit: 'd' })),
);

test.each<[string, Partial<Run>, readonly string[]]>([
  ['a run that was cancelled', { ending: 'cancelled', publishing: true }, ['web', 'api']],
  ['a run that was aborted', { ending: 'aborted', publishing: true }, ['web', 'api']],
  ['a run that has published nothing', { ending: 'aborted', publishing: false }, []],
  ['a run that completed', { ending: 'completed', publishing: true }, []],
])('%s takes back what any of its attempts may have published, last published first', (_, changes, keys) => {
  const made = play(plannedRun(), [
    implementation({ end: 'crashed', changed: ['api', 'web'] }),
    implementation({ by: 'ann', changed: ['web'] }),
  ]);
  expect(undoes({ ...made, repositories, ...changes })).toEqual(keys);
});

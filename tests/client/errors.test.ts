import { expect, test } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import { explainError } from '../../client/errors.ts';

const refused = (code: number, message: string): ServiceError =>
  new ServiceError(message, { cause: Object.assign(new Error(message), { code }) });

test('a call that nobody has answered says what may be missing, any other refusal of the server is told as it is', () => {
  const told = [refused(4, 'Failed to query Workflow'), refused(7, 'Permission denied')].map(explainError);
  expect(told).toEqual([
    {
      message: 'Failed to query Workflow: is a worker up? `spec-to-pr up` starts one; then give the command again',
      exitCode: 1,
    },
    { message: 'Permission denied', exitCode: 1 },
  ]);
});

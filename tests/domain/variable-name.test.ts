import { expect, test } from '@jest/globals';
import { sameVariables, variableName } from '../../domain/variable-name.ts';

test('a key is spelt as shells take the names of variables', () => {
  const names = ['api', 'my-api', 'my_API.v2', '2fa', 'é1'].map(variableName);
  expect(names).toEqual(['API', 'MY_API', 'MY_API_V2', '_2FA', '_1']);
});

test('keys that would be spelt the same are found, each group once', () => {
  expect(sameVariables(['my-api', 'web', 'my_api', 'x.y', 'MY.API', 'X-Y', 'web'])).toEqual([
    ['my-api', 'my_api', 'MY.API'],
    ['x.y', 'X-Y'],
  ]);
  expect(sameVariables(['a', 'b'])).toEqual([]);
});

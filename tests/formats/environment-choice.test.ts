import { expect, test } from '@jest/globals';
import { MINIMAL, problems } from '../support/project-file.ts';

test.each([
  [
    'services of the host that share a variable',
    '    start: a\n  API: { url: b, start: b }\nenvironment: process\n',
    'the repositories "api" and "API" would share the variable API_URL: rename one',
  ],
  [
    'repositories that share a variable',
    '  my-api: { url: b }\n  my_api: { url: c }\nenvironment: compose\n',
    'the repositories "my-api" and "my_api" would share the variable MY_API_COMMIT: rename one',
  ],
  [
    'services of a cluster that share a variable',
    'environment: { kind: kubernetes, manifests: k, health: { a.b: / }, urls: { a-b: "http://a" } }\n',
    'the services "a.b" and "a-b" would share the variable A_B_URL: rename one',
  ],
])('%s are refused in one sentence', (_what, text, problem) => {
  expect(problems(MINIMAL + text)).toEqual([problem]);
});

test.each([
  ['no variable is made of them', '  API: { url: b }\n'],
  ['only one of them has an address', '    start: a\n  API: { url: b }\nenvironment: process\n'],
  [
    'one of them is settled in two places',
    'environment: { kind: kubernetes, manifests: k, health: { a: / }, urls: { a: "http://a" } }\n',
  ],
])('keys that are alike are taken where %s', (_where, text) => {
  expect(problems(MINIMAL + text)).toEqual([]);
});

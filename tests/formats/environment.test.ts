import { expect, test } from '@jest/globals';
import { readList } from '../../formats/environment-list.ts';
import { readReport } from '../../formats/environment-report.ts';

const NOTHING = { message: '', addresses: {}, commits: {}, services: {}, variables: {} };

test('a report is read from key=value lines among talk; of a key given twice the last counts', () => {
  const text = `building…
state=provisioning
address.api=http://127.0.0.1:4100/
commit.api=ABCDEF0
FOO=bar
service.api=2 of 2 up
variable.DB_URL=postgres://x?a=b
message=all = well
state=ready\r
`;
  expect(readReport(text)).toEqual({
    value: {
      state: 'ready',
      message: 'all = well',
      addresses: { api: 'http://127.0.0.1:4100/' },
      commits: { api: 'abcdef0' },
      services: { api: '2 of 2 up' },
      variables: { DB_URL: 'postgres://x?a=b' },
    },
  });
});

test.each([
  ['the whole text', '{\n  "state": "ready"\n}\n'],
  ['the last line', 'pulling\n{"state": "ready"}\n'],
  ['the last line after talk in braces', '{pulling}\n{"state": "ready"}\n'],
])('a report is read from %s as JSON', (_shown, text) => {
  expect(readReport(text)).toEqual({ value: { ...NOTHING, state: 'ready' } });
});

test.each([
  ['{"state": ', 'printed broken JSON'],
  ['{"states": "ready"}', 'printed a report whose key "states" is unknown'],
  ['{"addresses": []}', 'printed a report whose "addresses" is wrong: expected record, received array'],
  ['address.api=ftp://x', 'printed a report whose "addresses.api" is no http or https address'],
  ['variable.A-B=1', 'printed a report whose "variables.A-B" is no variable name'],
])('%s is no report', (text, problem) => {
  expect(readReport(text)).toEqual({ problem });
});

test('a key that names a prototype is a key like any other', () => {
  const read = readReport('service.__proto__=x\nservice.constructor=y\nstate=ready');
  if ('problem' in read) throw new Error(read.problem);
  expect(Object.keys(read.value.services)).toContain('constructor');
  expect(Object.getPrototypeOf(read.value.services)).toBe(Object.prototype);
});

test('a list is read from the lines of a tracker or from JSON', () => {
  const lines = `# environments
0a1b2c3d REPO=shop BRANCH=feat/x STATE=ready CREATED=1714550400 REGION=eu API_URL=https://a.example CI_BRANCH=ci

ffffffff REPO=shop BRANCH=b STATE=deprovisioning-failed CREATED=1714550400 NAME=n OWNER=o
`;
  expect(readList(lines)).toEqual({
    value: [
      { id: '0a1b2c3d', name: '', owner: '', state: 'ready', address: 'https://a.example' },
      { id: 'ffffffff', name: 'n', owner: 'o', state: 'deprovisioning-failed', address: '' },
    ],
  });
  expect(readList('[{"name": "n", "state": "ready", "cost": 3}]')).toEqual({
    value: [{ id: '', name: 'n', owner: '', state: 'ready', address: '' }],
  });
  expect(readList('')).toEqual({ value: [] });
});

test.each([
  ['0a1b2c3d STATE=ready\nnonsense\n', 'printed a list whose line 2 is none of an environment'],
  ['0a1b2c3d STATE=fine\n', 'printed a list whose line 1 is none of an environment'],
  ['0a1b2c3d REPO=x\n', 'printed a list whose line 1 is none of an environment'],
  ['[{"state": "fine"}]', 'printed a list whose "0.state" is wrong'],
  ['[', 'printed broken JSON'],
])('%j is no list', (text, problem) => {
  expect(readList(text)).toEqual({ problem });
});

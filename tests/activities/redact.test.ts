import { expect, test } from '@jest/globals';
import { redactor, withoutSecrets } from '../../activities/redact.ts';

const SECRET = `o'clock "5" <a&b> 100%`;

test.each([
  ['as it is', SECRET],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in a URL', encodeURIComponent(SECRET)],
  ['in XML text', `o'clock "5" &lt;a&amp;b> 100%`],
  ['in an XML attribute', 'o&apos;clock &quot;5&quot; &lt;a&amp;b&gt; 100%'],
])('a secret is found %s', (_, spelt) => {
  expect(redactor([SECRET])(`before ${spelt} after ${spelt}`)).toBe('before [redacted] after [redacted]');
});

test('the longest of several secrets is taken out first, and short ones are left', () => {
  expect(redactor(['abcdef', 'abcdef-123', 'abc'])('abcdef-123 abcdef abc')).toBe('[redacted] [redacted] abc');
});

const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----';

test.each([
  [`a ${KEY} b ${KEY} c`, 'a [redacted] b [redacted] c'],
  ['see -----BEGIN PRIVATE KEY----- in the manual', 'see -----BEGIN PRIVATE KEY----- in the manual'],
  [`ghp_${'a1'.repeat(18)}.`, '[redacted].'],
  [`token eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}!`, 'token [redacted]!'],
])('what has the shape of a secret goes, the rest stays: %j', (text, clean) => {
  expect(redactor([])(text)).toBe(clean);
});

test('megabytes of beginnings without an end are read through once', () => {
  const hostile = ['-----BEGIN PRIVATE KEY-----', 'eyJ-', 'sk-', 'AKIA'].map((start) => start.repeat(2e5)).join('\n');
  expect(redactor([SECRET])(hostile).length).toBe(hostile.length - 'sk-'.repeat(2e5).length + '[redacted]-'.length);
});

test('every text of a value is cleaned at any depth, and nothing else of it changes', () => {
  const value = { list: [{ text: `x ${SECRET}` }], count: 3, none: null };
  expect(withoutSecrets(value, redactor([SECRET]))).toEqual({ list: [{ text: 'x [redacted]' }], count: 3, none: null });
});

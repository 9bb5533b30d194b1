import { expect, test } from '@jest/globals';
import { readJUnit } from '../../formats/reports/junit.ts';
import { ReportBroken } from '../../formats/reports/report.ts';
import { parseXml } from '../../formats/reports/xml.ts';

test('elements, attributes and text are read, entities and CDATA decoded', () => {
  const text = '<?xml version="1.0"?><a x="1 &lt; 2"> one &amp; <b>two</b><![CDATA[<three>]]> </a>';
  const b = { name: 'b', attributes: {}, text: 'two', children: [] };
  expect(parseXml(text)).toEqual({ name: 'a', attributes: { x: '1 < 2' }, text: 'one & <three>', children: [b] });
});

test('control characters, entities of HTML and an attribute twice, which runners write, do not spoil a document', () => {
  const read = parseXml('<a x="1" x="2">\u001B[31mred\u0000&nbsp;end</a>');
  expect([read.name, read.children]).toEqual(['a', []]);
  for (const part of ['[31mred', 'end']) expect(read.text).toContain(part);
});

test.each([
  ['cut off', '<testsuite><testcase name="a"/>'],
  ['wrongly nested', '<testsuite><testcase name="a"></testsuite></testcase>'],
  ['text before it', 'starting\n<testsuite/>'],
])('a report that is %s is none', (_, text) => {
  expect(() => readJUnit(text)).toThrow(ReportBroken);
});

test('entities that a document defines are not expanded', () => {
  const text = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
  expect(parseXml(text).text).toBe('&c;');
});

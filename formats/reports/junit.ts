import { XMLParser } from 'fast-xml-parser';
import type { Report, TestCase } from './report.ts';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: true,
  htmlEntities: true,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error'].includes(name),
});

const TELLING = 20;

type Element = Readonly<Record<string, unknown>>;

/** Reads JUnit XML in the dialects that test runners write. Null when the text is something else or broken. */
export function readJUnit(text: string): Report | null {
  if (!/<(testsuites?|testcase)\b/.test(text)) return null;
  try {
    const cases: TestCase[] = [];
    walk(parser.parse(text, true), [], cases);
    const count = (result: TestCase['result']): number => cases.filter((test) => test.result === result).length;
    return { format: 'junit', passed: count('passed'), failed: count('failed'), total: cases.length, cases };
  } catch {
    return null;
  }
}

function walk(element: unknown, path: readonly string[], cases: TestCase[]): void {
  if (!isElement(element)) return;
  for (const test of elements(element['testcase'])) cases.push(testCase(test, path));
  for (const suite of elements(element['testsuite'])) walk(suite, [...path, attribute(suite, 'name')], cases);
  for (const root of elements(element['testsuites'])) walk(root, path, cases);
}

function testCase(test: Element, path: readonly string[]): TestCase {
  const problems = [...texts(test['failure']), ...texts(test['error'])];
  const group = attribute(test, 'classname') || path.filter((name) => name !== '').join(' > ');
  const name = attribute(test, 'name');
  const own = problems.join('\n');
  // CTest and some others put what a failed test said beside the failure.
  const beside = own.length > TELLING ? [] : [textAt(test['system-out']), textAt(test['system-err'])];
  const message = problems.length === 0 ? '' : [own, ...beside].filter((text) => text !== '').join('\n');
  const file = attribute(test, 'file') || (/([\w@./-]+\.\w{1,5}:\d+)/.exec(message)?.[1] ?? '');
  const result = 'failure' in test || 'error' in test ? 'failed' : 'skipped' in test ? 'skipped' : 'passed';
  const seconds = Number.parseFloat(attribute(test, 'time'));
  return {
    id:
      group === '' || group === 'test'
        ? [...path, name].filter((part) => part !== '').join(' > ')
        : `${group} > ${name}`,
    result,
    message,
    where: file,
    seconds: Number.isFinite(seconds) ? seconds : null,
  };
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.map((item) => {
    if (!isElement(item)) return String(item);
    const [message, text] = [attribute(item, 'message'), textOf(item)];
    return text.includes(message) ? text.trim() : `${message}\n${text}`.trim();
  });
}

function textAt(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return isElement(value) ? textOf(value).trim() : '';
}

function elements(value: unknown): readonly Element[] {
  return (Array.isArray(value) ? value : [value]).filter(isElement);
}

function isElement(value: unknown): value is Element {
  return typeof value === 'object' && value !== null;
}

function attribute(element: Element, name: string): string {
  const value = element[`@${name}`];
  return typeof value === 'string' ? value : '';
}

function textOf(element: Element): string {
  const value = element['#text'];
  return typeof value === 'string' ? value : '';
}

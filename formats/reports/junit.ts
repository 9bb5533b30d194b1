import type { Report, TestCase } from './report.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

const TELLING = 20;

/** Reads JUnit XML in the dialects that test runners write. Null when the text is something else or broken. */
export function readJUnit(text: string): Report | null {
  if (!/<(testsuites?|testcase)\b/.test(text)) return null;
  try {
    const cases: TestCase[] = [];
    walk({ name: '', attributes: {}, text: '', children: [parseXml(text)] }, [], cases);
    const count = (result: TestCase['result']): number => cases.filter((test) => test.result === result).length;
    return { format: 'junit', passed: count('passed'), failed: count('failed'), total: cases.length, cases };
  } catch {
    return null;
  }
}

function walk(element: XmlElement, path: readonly string[], cases: TestCase[]): void {
  for (const test of named(element, 'testcase')) cases.push(testCase(test, path));
  for (const suite of named(element, 'testsuite')) walk(suite, [...path, attribute(suite, 'name')], cases);
  for (const root of named(element, 'testsuites')) walk(root, path, cases);
}

function testCase(test: XmlElement, path: readonly string[]): TestCase {
  const problems = [...named(test, 'failure'), ...named(test, 'error')].map(problemText);
  const group = attribute(test, 'classname') || path.filter((name) => name !== '').join(' > ');
  const name = attribute(test, 'name');
  const own = problems.join('\n');
  // CTest and some others put what a failed test said beside the failure.
  const beside =
    own.length > TELLING ? [] : [...named(test, 'system-out'), ...named(test, 'system-err')].map(({ text }) => text);
  const message = problems.length === 0 ? '' : [own, ...beside].filter((text) => text !== '').join('\n');
  const file = attribute(test, 'file') || (/([\w@./-]+\.\w{1,5}:\d+)/.exec(message)?.[1] ?? '');
  const result = problems.length > 0 ? 'failed' : named(test, 'skipped').length > 0 ? 'skipped' : 'passed';
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

function problemText(problem: XmlElement): string {
  const message = attribute(problem, 'message');
  return problem.text.includes(message) ? problem.text : `${message}\n${problem.text}`.trim();
}

function named({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name);
}

function attribute({ attributes }: XmlElement, name: string): string {
  return attributes[name] ?? '';
}

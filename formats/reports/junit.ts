import { oneLine } from '../../domain/text.ts';
import type { Attachment, Report, TestCase } from './report.ts';
import { ReportBroken, reportOf } from './report.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

const TELLING = 20;
const RESET = /\[(?:0|22|39)m/;
// oxlint-disable-next-line no-control-regex
const BARE_COLOUR = /(?:\u001B|#x1B|&#(?:27|x1b);)?\[\d{1,3}(?:;\d{1,3}){0,4}m/gi;
const FLAKY = ['flakyFailure', 'flakyError'];

/** Reads JUnit XML in the dialects that test runners write. Throws ReportBroken for text that is something else or broken. */
export function readJUnit(text: string): Report {
  if (!/<(testsuites?|testcase)\b/.test(text)) throw new ReportBroken('is no JUnit XML: it has no test suite');
  const cases: TestCase[] = [];
  walk({ name: '', attributes: {}, text: '', children: [rootOf(text)] }, [], cases);
  return reportOf('junit', cases);
}

function rootOf(text: string): XmlElement {
  try {
    return parseXml(text);
  } catch (error) {
    throw new ReportBroken(
      `is XML that is broken or cut off (${oneLine(error instanceof Error ? error.message : String(error), 80)})`,
    );
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
  const skipped = named(test, 'skipped');
  // Node writes the failure of a test that is still to do, which is none.
  const toDo = skipped.some((each) => attribute(each, 'type') === 'todo');
  const result = problems.length > 0 && !toDo ? 'failed' : skipped.length > 0 ? 'skipped' : 'passed';
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
    ...attachmentsOf(test),
    // Surefire's and Gradle's.
    ...(result === 'passed' && FLAKY.some((each) => named(test, each).length > 0) ? { flaky: true } : {}),
  };
}

/** As Playwright and the Jenkins plug-in write them: in what the test printed, or as properties of a name such as `attachment`. */
function attachmentsOf(test: XmlElement): { readonly attachments?: readonly Attachment[] } {
  const printed = [...named(test, 'system-out'), ...named(test, 'system-err')].map(({ text }) => text).join('\n');
  const marked = [...printed.matchAll(/\[\[ATTACHMENT\|([^\]\n]{1,1000})\]\]/g)].map(([, path = '']) => path);
  const properties = named(test, 'properties').flatMap((each) => named(each, 'property'));
  const set = properties
    .filter((property) => /attachment/i.test(attribute(property, 'name')))
    .map((property) => attribute(property, 'value') || property.text);
  const paths = [...new Set([...marked, ...set])].filter((path) => path !== '');
  return paths.length === 0 ? {} : { attachments: paths.map((path) => ({ name: path.split('/').at(-1) ?? '', path })) };
}

function problemText(problem: XmlElement): string {
  const message = attribute(problem, 'message');
  return plain(problem.text.includes(message) ? problem.text : `${message}\n${problem.text}`.trim());
}

/** Without colours, of which some writers leave out the escape character that XML cannot hold. */
function plain(text: string): string {
  return RESET.test(text) ? text.replace(BARE_COLOUR, '') : text;
}

function named({ children }: XmlElement, name: string): readonly XmlElement[] {
  return children.filter((child) => child.name === name);
}

function attribute({ attributes }: XmlElement, name: string): string {
  return attributes[name] ?? '';
}

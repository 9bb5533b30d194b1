import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { Attachment, Report, TestCase } from './report.ts';
import { reportOf } from './report.ts';

const location = z.object({ file: z.string(), line: z.number() });
const error = z.object({ message: z.string().default(''), location: location.optional() });
const attempt = z.object({
  status: z.string().optional(),
  duration: z.number().default(0),
  error: error.optional(),
  errors: z.array(error).default([]),
  attachments: z.array(z.object({ name: z.string(), path: z.string().optional() })).default([]),
});
const oneTest = z.object({
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  expectedStatus: z.string().default('passed'),
  projectName: z.string().default(''),
  results: z.array(attempt).default([]),
});
const spec = z.object({ title: z.string(), file: z.string(), line: z.number(), tests: z.array(oneTest) });
const suite = z.object({
  title: z.string(),
  specs: z.array(spec).default([]),
  get suites() {
    return z.array(suite).default([]);
  },
});
const config = z.object({
  configFile: z.string().optional(),
  rootDir: z.string().default(''),
  projects: z.array(z.unknown()).default([]),
});
const whole = z.object({
  config: config.default({ rootDir: '', projects: [] }),
  suites: z.array(suite),
  errors: z.array(error).default([]),
});
type Suite = z.infer<typeof suite>;
type Spec = z.infer<typeof spec>;
type OneTest = z.infer<typeof oneTest>;
type Setting = z.infer<typeof config>;

/** Reads the JSON of Playwright's `json` reporter. A flaky test passed in the end. Throws a ZodError on another shape. */
export function readPlaywright(value: object): Report {
  const { suites, errors, config: setting } = whole.parse(value);
  const cases = suites.flatMap((file) => [
    ...own(file, [], setting),
    ...file.suites.flatMap((each) => inSuite(each, [], setting)),
  ]);
  const problems = errors.filter(({ message }) => !plain(message).startsWith('Error: No tests found'));
  const stopped = problems.some(({ message }) =>
    /Timed out waiting .{1,20} for the (entire )?test suite/.test(message),
  );
  const broken = problems.map((problem) => ({
    id: problem.location === undefined ? 'playwright' : nameOf(problem.location.file, setting),
    result: 'failed' as const,
    message: plain(problem.message),
    where: placeOf(problem.location, setting),
    seconds: null,
  }));
  return reportOf('playwright', cases, stopped ? { stopped } : { broken });
}

function inSuite(found: Suite, titles: readonly string[], setting: Setting): readonly TestCase[] {
  const inner = [...titles, found.title];
  return [...own(found, inner, setting), ...found.suites.flatMap((each) => inSuite(each, inner, setting))];
}

function own({ specs }: Suite, titles: readonly string[], setting: Setting): readonly TestCase[] {
  return specs.flatMap((each) =>
    each.tests.map((test) => caseOf(test, { spec: each, titles, setting, several: setting.projects.length > 1 })),
  );
}

interface Place {
  readonly spec: Spec;
  readonly titles: readonly string[];
  readonly setting: Setting;
  /** True when the same test may run in several projects. */
  readonly several: boolean;
}

function caseOf(test: OneTest, { spec: { title, file, line }, titles, setting, several }: Place): TestCase {
  const result = test.status === 'unexpected' ? 'failed' : test.status === 'skipped' ? 'skipped' : 'passed';
  const name = `${nameOf(path.join(setting.rootDir, file), setting)} > ${[...titles, title].join(' › ')}`;
  const files = attachmentsOf(test);
  const last = test.results.findLast(({ errors }) => errors.length > 0);
  return {
    id: several ? `${name} [${test.projectName}]` : name,
    result,
    message: result === 'failed' ? messageOf(test) : '',
    where:
      result === 'failed'
        ? placeOf(last?.errors[0]?.location ?? { file: path.join(setting.rootDir, file), line }, setting)
        : '',
    seconds: test.results.reduce((sum, { duration }) => sum + duration, 0) / 1000,
    ...(files.length === 0 ? {} : { attachments: files }),
    ...(test.status === 'flaky' ? { flaky: true } : {}),
  };
}

/** What the first attempt that failed said, without the code around it. */
function messageOf({ results, expectedStatus }: OneTest): string {
  const failed = results.find(({ errors, error: one }) => errors.length > 0 || one !== undefined);
  if (failed === undefined) return expectedStatus === 'failed' ? 'Expected to fail, but passed.' : '';
  const errors = failed.errors.length > 0 ? failed.errors : failed.error === undefined ? [] : [failed.error];
  return errors.map(({ message }) => plain(message)).join('\n\n');
}

function attachmentsOf({ results }: OneTest): readonly Attachment[] {
  return results.flatMap(({ attachments }) =>
    attachments.flatMap(({ name, path: file }) => (file === undefined ? [] : [{ name, path: file }])),
  );
}

/** A file as the console names it: from the folder of the configuration on. */
function nameOf(file: string, { configFile }: Setting): string {
  return configFile === undefined || file === '' ? file : path.relative(path.dirname(configFile), file);
}

function placeOf(place: z.infer<typeof location> | undefined, setting: Setting): string {
  return place === undefined ? '' : `${nameOf(place.file, setting)}:${place.line}`;
}

function plain(text: string): string {
  return stripVTControlCharacters(text).trim();
}

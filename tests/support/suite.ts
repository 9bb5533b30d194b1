import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../domain/project.ts';
import { parseProject } from '../../formats/project.ts';
import { bareRepository } from './repository.ts';
import type { Scene, Stage } from './whole-runs.ts';

/** What the suite of a `suiteProject` shows: its agent writes it down, one for each attempt. */
export interface Cases {
  /** How many tests pass. */
  readonly passing?: number;
  /** Messages of failing tests by name; `{time}`, `{port}` and `{path}` stand for what differs from run to run. */
  readonly failing?: Readonly<Record<string, string>>;
  /** So many more failing tests, all with this message. */
  readonly many?: { readonly count: number; readonly message: string };
  /** Tests that fail only when they run for the first time in a worktree. */
  readonly flaky?: readonly string[];
}

// Listens on a port of its own, so that no two runs of it print the same.
const SUITE = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
const { passing = 0, failing = {}, many = { count: 0 }, flaky = [] } = JSON.parse(readFileSync('cases.json', 'utf8'));
const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();
server.close();
const plain = process.argv.includes('--plain');
const first = !existsSync('ran');
writeFileSync('ran', '');
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const red = [
  ...Object.entries(failing),
  ...Array.from({ length: many.count }, (_, i) => ['fails ' + i, many.message]),
  ...(first ? flaky : []).map((name) => [name, name + ' came too early']),
];
const green = [...Array.from({ length: passing }, (_, i) => 'passes ' + i), ...(first ? [] : flaky)];
const cases = [
  ...green.map((name) => '<testcase classname="suite" name="' + escape(name) + '"/>'),
  ...red.map(([name, text]) => {
    const message = text.replaceAll('{time}', new Date().toISOString()).replaceAll('{port}', port).replaceAll('{path}', process.cwd());
    console.log(plain ? message : 'FAILED ' + name + ': ' + message);
    return '<testcase classname="suite" name="' + escape(name) + '"><failure message="' + escape(message) + '"/></testcase>';
  }),
];
if (!plain) {
  console.log(green.length + ' passed, ' + red.length + ' failed');
  const counts = 'tests="' + cases.length + '" failures="' + red.length + '"';
  writeFileSync('report.xml', '<testsuite name="suite" ' + counts + '>' + cases.join('') + '</testsuite>');
}
process.exitCode = red.length === 0 ? 0 : 1;
`;
const SERVER = `import { createServer } from 'node:http';
createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');
`;
/** A repository whose service only answers, and whose suite shows what \`cases.json\` says. */
export const SUITE_FILES = {
  'suite.js': SUITE,
  'server.js': SERVER,
  'package.json': '{ "type": "module" }\n',
  '.gitignore': 'ran\nreport.xml\n',
};

/** A step of the scripted agent. */
export type Step = Readonly<Record<string, unknown>>;

/** The step that makes the suite show these cases. */
export const shows = (cases: Cases): Step => ({ write: { file: 'cases.json', content: JSON.stringify(cases) } });

export interface SuiteProject {
  /** The agent's steps, a list for each attempt. */
  readonly attempts: readonly (readonly Step[])[];
  /** The debugger's; without them there is none. */
  readonly diagnoses?: readonly (readonly Step[])[];
  /** Options of the suite's command line: `--plain` is a suite that counts nothing and writes no report. */
  readonly options?: string;
  /** Further keys of the project file, merged over these. */
  readonly file?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** A project of one repository in a folder of its own: its gate brings up the service and runs the suite. */
export async function suiteProject(
  { root }: Pick<Stage, 'root'>,
  name: string,
  { attempts, diagnoses, options = '', file = {}, limits = {} }: SuiteProject,
): Promise<Scene> {
  const folder = path.join(root, name);
  await mkdir(folder);
  bareRepository(folder, 'api', SUITE_FILES);
  const lists = (all: SuiteProject['attempts']): readonly Step[] => all.map((steps) => ({ steps }));
  const script = { attempts: lists(attempts), ...(diagnoses === undefined ? {} : { diagnoses: lists(diagnoses) }) };
  await writeFile(path.join(folder, 'agent.yaml'), JSON.stringify(script));
  const report = options.includes('--plain') ? {} : { report: 'report.xml' };
  const whole = {
    project: 'shop',
    repositories: { api: { url: './api.git', start: 'node server.js' } },
    gates: ['e2e'],
    environment: 'process',
    e2e: { repository: 'api', run: `node suite.js ${options}`, ...report },
    agent: { name: 'scripted', script: './agent.yaml' },
    roles: { debugger: diagnoses === undefined ? 'none' : {} },
    forge: 'local',
    ...file,
    limits: { attempts: 3, infra_backoff_seconds: [0], ...limits },
  };
  const project: Project = parseProject({
    text: JSON.stringify(whole),
    name: 'spec-to-pr.yaml',
    directory: folder,
  });
  return { folder, project, text: '# Feature\n\n- It works.\n' };
}

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { agents } from '../activities/agents/index.ts';
import type { AgentReport, AgentTask } from '../activities/agents/index.ts';
import type { Figure } from './run.ts';
import { timed } from './support.ts';

const CLAUDE = path.resolve(import.meta.dirname, '../tests/agents/node_modules/.bin/claude');
const ROUNDS = 2;
const PARALLEL = 8;
const MEGABYTE = 1024 * 1024;

interface Bench {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Sessions of Claude Code of some ten seconds: supervised against called directly, and eight at once. */
export async function measureSupervision(folder: string): Promise<readonly Figure[]> {
  if (!existsSync(CLAUDE)) throw new Error('the agent CLIs are not installed: run `npm install` in tests/agents');
  const script = path.join(import.meta.dirname, 'model.ts');
  const model = execa(process.execPath, ['--disable-warning=ExperimentalWarning', script]);
  try {
    const [line] = await once(model.stdout, 'data');
    const url = String(line).trim();
    const bench = { folder, environment: environmentOf(url) };
    await supervised(bench, 'warm');
    const times: Record<'direct' | 'own', number[]> = { direct: [], own: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      times.own.push(await timed(() => supervised(bench, `own-${round}`)));
      times.direct.push(await timed(() => direct(bench, `own-${round}`)));
    }
    return [
      {
        name: 'supervised session of 10 s against the CLI called directly',
        value: Math.min(...times.own) / Math.min(...times.direct),
        unit: 'x',
        target: 1.05,
      },
      ...(await parallel(bench)),
    ];
  } finally {
    model.stdin.end();
    await model;
  }
}

const environmentOf = (url: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  ANTHROPIC_BASE_URL: url,
  ANTHROPIC_API_KEY: 'sk-dummy',
  ...(process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}),
});

/** One session by the adapter. The CLI is called by way of a script that notes its arguments and environment. */
async function supervised({ folder, environment }: Bench, name: string): Promise<AgentReport> {
  const [directory, file] = [path.join(folder, name, 'work'), path.join(folder, name, 'claude')];
  await mkdir(directory, { recursive: true });
  await writeFile(
    file,
    `#!/bin/sh\nprintf '%s\\0' "$@" >'${file}.arguments'\nenv -0 >'${file}.environment'\nexec '${CLAUDE}' "$@"\n`,
  );
  await chmod(file, 0o755);
  const task: AgentTask = {
    ...{ directory, prompt: 'Sleep.', role: 'developer', attempt: 1, sessionId: crypto.randomUUID() },
    ...{ jobDirectory: path.join(folder, name, 'job'), options: { command: file } },
    limits: { seconds: 300, silenceSeconds: 200, turns: 20, usd: 5 },
  };
  const agent = agents.claude({ environment, redact: (text) => text });
  return agent.run(task, { signal: new AbortController().signal, progress: () => undefined });
}

/** The same call again, as a shell would make it: in a folder, a home and a session of its own. */
async function direct({ folder }: Bench, name: string): Promise<void> {
  const file = path.join(folder, name, 'claude');
  const list = async (kind: string): Promise<readonly string[]> =>
    (await readFile(`${file}.${kind}`, 'utf8')).split('\0').filter((item) => item !== '');
  const given = await list('arguments');
  const id = given.indexOf('--session-id') + 1;
  const args = given.map((argument, index) => (index === id ? crypto.randomUUID() : argument));
  // As fresh a home as the supervised session had.
  const homes = [path.join(folder, name, 'job'), path.join(folder, name, 'direct-job')] as const;
  const env = Object.fromEntries(
    (await list('environment')).map((item) => {
      const at = item.indexOf('=');
      return [item.slice(0, at), item.slice(at + 1).replace(...homes)];
    }),
  );
  await mkdir(path.join(homes[1], 'home', '.claude'), { recursive: true });
  const cwd = path.join(folder, name, 'direct');
  await mkdir(cwd);
  await execa(file, args, { cwd, env, extendEnv: false, input: 'Sleep.' });
}

async function parallel(bench: Bench): Promise<readonly Figure[]> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 100);
  const names = Array.from({ length: PARALLEL }, (_, index) => `parallel-${index}`);
  const reports = await Promise.all(names.map((name) => supervised(bench, name)));
  clearInterval(timer);
  return [
    {
      name: `sessions of ${PARALLEL} in parallel that do not end well`,
      value: reports.filter(({ end }) => end !== 'done').length,
      unit: '',
      target: 0,
    },
    {
      name: 'memory of the worker per supervised session',
      value: (peak - before) / PARALLEL / MEGABYTE,
      unit: 'MB',
      target: 5,
    },
  ];
}

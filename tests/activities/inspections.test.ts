import { appendFile, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { toolFiles } from '../../activities/agents/tools/files.ts';
import { toolServer } from '../../activities/agents/tools/index.ts';
import { environments } from '../../activities/environments/index.ts';
import type { EnvironmentProvider } from '../../activities/environments/index.ts';
import { inspectionText, whileAnswering } from '../../activities/inspections.ts';
import type { Inspected } from '../../activities/inspections.ts';
import type { Ports } from '../../activities/ports.ts';
import { gitHost } from '../support/repository.ts';
import { redactor } from '../../activities/redact.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };
const NAME = 'SPEC-1-1';
const SERVER =
  "require('node:http').createServer((_, answer) => answer.end('ok')).listen(process.env.PORT, process.env.HOST)";
const up: { readonly provider: EnvironmentProvider; readonly folder: string }[] = [];

afterEach(async () => {
  for (const { provider, folder } of up.splice(0)) {
    await provider.destroy(NAME, io);
    await rm(folder, { recursive: true, force: true });
  }
});

interface Scene {
  readonly jobDirectory: string;
  readonly addresses: Readonly<Record<string, string>>;
  hold<T>(work: (client: Client) => Promise<T>): Promise<Inspected<T>>;
}

/** A service `api` that runs as a process of this host, and a session with the tools of the real MCP server. */
async function sceneOf(allowed: readonly string[] = []): Promise<Scene> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-inspections-')));
  const directory = path.join(folder, 'work');
  const jobDirectory = path.join(folder, 'job');
  await mkdir(directory);
  await mkdir(path.join(jobDirectory, 'home'), { recursive: true });
  await writeFile(path.join(directory, 'app.log'), 'started\nERROR no such card, key s3cret-token\n');
  const variables = { PATH: process.env['PATH'] ?? '', HOME: folder };
  const config = { environment: variables, toolEnvironment: variables, git: gitHost(folder), secret: () => undefined };
  const provider = environments.process({ ...config, stateHome: path.join(folder, 'state') }, { kind: 'process' });
  up.push({ provider, folder });
  const start = `node -e "${SERVER}"`;
  const { addresses } = await provider.deploy(
    {
      ...{ name: NAME, owner: 'test', directories: { api: directory }, commits: { api: 'a'.repeat(40) } },
      ...{ services: [{ key: 'api', directory, start, health: '/' }], healthSeconds: 30 },
    },
    io,
  );
  const environment = { name: NAME, addresses };
  const ports: Pick<Ports, 'environment' | 'redact'> = {
    environment: () => provider,
    redact: redactor(['s3cret-token']),
  };
  return {
    ...{ jobDirectory, addresses },
    hold: (work) =>
      whileAnswering(
        ports,
        { order: { choice: { kind: 'process' }, environment, allowed, jobDirectory }, io },
        async (inspect) => {
          if (inspect === undefined) throw new Error('there is nothing to look into');
          const client = new Client({ name: 'session', version: '1' });
          const server = toolServer({ jobDirectory, inspect });
          await client.connect(new StdioClientTransport({ command: server.command, args: [...server.args] }));
          try {
            return await work(client);
          } finally {
            await client.close();
          }
        },
      ),
  };
}

async function ask(client: Client, command: readonly string[], service = 'api'): Promise<unknown> {
  const { content } = await client.callTool({ name: 'inspect', arguments: { service, command } });
  return content;
}
const text = (told: string): unknown => [{ type: 'text', text: told }];

test('a session reads in a running service by a tool; what it is told bears a name, is without secrets and is on record', async () => {
  const scene = await sceneOf(['node -p *']);
  const { result, record } = await scene.hold(async (client) => ({
    tools: (await client.listTools()).tools.map(({ name }) => name),
    told: [
      await ask(client, ['grep', '-n', 'ERROR no', 'app.log']),
      await ask(client, ['curl', '-s', `${scene.addresses['api']}/`]),
      await ask(client, ['node', '-p', 'process.env.API_URL']),
      await ask(client, ['cat', 'missing.log']),
    ],
  }));
  expect(result).toEqual({
    tools: ['andon', 'inspect'],
    told: [
      text("inspect/1: grep -n 'ERROR no' app.log in api, exit code 0\n2:ERROR no such card, key [redacted]\n"),
      text(`inspect/2: curl -s ${scene.addresses['api']}/ in api, exit code 0\nok`),
      text(`inspect/3: node -p process.env.API_URL in api, exit code 0\n${scene.addresses['api']}\n`),
      [
        {
          type: 'text',
          text: expect.stringMatching(/^inspect\/4: cat missing\.log in api, exit code 1\n.*No such file/),
        },
      ],
    ],
  });
  const lines = (await readFile(record ?? '', 'utf8')).trimEnd().split('\n');
  expect(lines.map((line): { number: number; exitCode: number } => JSON.parse(line))).toMatchObject(
    [0, 0, 0, 1].map((exitCode, index) => ({ number: index + 1, exitCode, service: 'api' })),
  );
  expect(lines.join('')).not.toContain('s3cret');
  expect(await inspectionText(record ?? '', 'inspect/2')).toContain('exit code 0\nok');
  expect(await inspectionText(record ?? '', 'inspect/9')).toBeUndefined();
  expect(await inspectionText(record ?? '', 'inspections/1')).toBeUndefined();
});

test('what does not only read, and what no service of the environment is, is refused without being run, and is on record', async () => {
  const { hold } = await sceneOf();
  const { result, record } = await hold(async (client) => [
    await ask(client, ['rm', 'app.log']),
    await ask(client, ['cat', 'app.log;rm app.log']),
    await ask(client, ['cat', '$(rm app.log)', '>x']),
    await ask(client, ['cat', '/etc/passwd']),
    await ask(client, ['cat', 'app.log'], 'web'),
    await ask(client, ['wc', '-l', 'app.log']),
  ]);
  expect(result).toEqual([
    [{ type: 'text', text: expect.stringMatching(/^Refused: "rm" is not known to only read here: use cat, /) }],
    [{ type: 'text', text: expect.stringContaining("cat 'app.log;rm app.log' in api, exit code 1") }],
    [{ type: 'text', text: expect.stringContaining("cat '$(rm app.log)' '>x' in api, exit code 1") }],
    text('Refused: "/etc/passwd" lies outside of the service\'s folder: paths are relative to it.'),
    text('Refused: the environment has no service "web", but api.'),
    text('inspect/6: wc -l app.log in api, exit code 0\n2 app.log\n'),
  ]);
  expect((await readFile(record ?? '', 'utf8')).trimEnd().split('\n')).toHaveLength(6);
});

test('a session that is taken up by another worker is answered what the first has left open, and nothing twice', async () => {
  const { hold, jobDirectory } = await sceneOf();
  const { asked, answered } = toolFiles(jobDirectory);
  await hold((client) => ask(client, ['wc', '-c', 'app.log']));
  const open = { id: crypto.randomUUID(), service: 'api', command: ['head', '-n', '1', 'app.log'] };
  await appendFile(asked, `not a question\n${JSON.stringify(open)}\n`);
  // The worker died while it wrote its answer.
  await appendFile(answered, '{"id":"');
  const { record } = await hold((client) => ask(client, ['tail', '-n', '1', 'app.log']));
  const told = await Promise.all([1, 2, 3, 4].map((number) => inspectionText(record ?? '', `inspect/${number}`)));
  expect(told).toEqual([
    expect.stringContaining('inspect/1: wc -c app.log'),
    'inspect/2: head -n 1 app.log in api, exit code 0\nstarted\n',
    expect.stringContaining('inspect/3: tail -n 1 app.log'),
    undefined,
  ]);
});

test('a session that made a link of its questions is told nothing of where it leads', async () => {
  const { hold, jobDirectory } = await sceneOf();
  const elsewhere = path.join(jobDirectory, 'elsewhere');
  const question = { id: crypto.randomUUID(), service: 'api', command: ['pwd'] };
  await writeFile(elsewhere, `${JSON.stringify(question)}\n`);
  await symlink(elsewhere, toolFiles(jobDirectory).asked);
  const { record } = await hold(async () => new Promise((resolve) => setTimeout(resolve, 500)));
  expect(record).toBeUndefined();
});

test('after fifty inspections a session is told each time that it has made them, and no more is run', async () => {
  const { hold, jobDirectory } = await sceneOf();
  const questions = Array.from({ length: 60 }, () => ({ id: crypto.randomUUID(), service: 'api', command: ['rm'] }));
  await writeFile(toolFiles(jobDirectory).asked, questions.map((question) => `${JSON.stringify(question)}\n`).join(''));
  const { record } = await hold(async () => {
    for (let lines = 0; lines < 60; await new Promise((resolve) => setTimeout(resolve, 50)))
      lines = (await readFile(toolFiles(jobDirectory).answered, 'utf8')).split('\n').length - 1;
  });
  const lines = (await readFile(record ?? '', 'utf8')).trimEnd().split('\n');
  expect(lines.map((line): string => JSON.parse(line).text)).toEqual([
    ...Array<unknown>(50).fill(expect.stringMatching(/^Refused: "rm" is not known to only read/)),
    ...Array<string>(10).fill('This session has made its 50 inspections.'),
  ]);
});

test('an inspection that is asked for twice under one id is made once', async () => {
  const { hold, jobDirectory } = await sceneOf();
  const question = { id: crypto.randomUUID(), service: 'api', command: ['wc', '-l', 'app.log'] };
  await writeFile(toolFiles(jobDirectory).asked, `${JSON.stringify(question)}\n`.repeat(3));
  const { record } = await hold((client) => ask(client, ['pwd']));
  const lines = (await readFile(record ?? '', 'utf8')).trimEnd().split('\n');
  expect(lines.map((line): number => JSON.parse(line).number)).toEqual([1, 2]);
});

test('a session whose questions are more than is read is told so at once', async () => {
  const { hold, jobDirectory } = await sceneOf();
  await writeFile(toolFiles(jobDirectory).asked, `${'x'.repeat(1024 * 1024 - 20)}\n`);
  const { result, record } = await hold((client) => ask(client, ['wc', '-l', 'app.log']));
  expect(result).toEqual(text('This session has asked for 1048576 bytes of inspections: no more are made.'));
  expect(record).toBeUndefined();
});

test('an environment that is gone leaves nothing to look into, and the session is held all the same', async () => {
  const { hold } = await sceneOf();
  await up[0]?.provider.destroy(NAME, io);
  await expect(hold(async () => undefined)).rejects.toThrow('there is nothing to look into');
});

test('a link that a candidate has made leads an inspection nowhere outside of the folder of its service', async () => {
  const { hold, jobDirectory } = await sceneOf();
  const directory = path.join(jobDirectory, '..', 'work');
  await writeFile(path.join(jobDirectory, 'secret'), 'the key of the house');
  await symlink(path.join(jobDirectory, 'secret'), path.join(directory, 'link'));
  await symlink('app.log', path.join(directory, 'inside'));
  const { result } = await hold(async (client) => [
    await ask(client, ['cat', 'link']),
    await ask(client, ['wc', '-l', 'inside']),
    await ask(client, ['grep', '-c', '/etc', 'app.log']),
  ]);
  expect(result).toEqual([
    text('It could not be run: "link" leads out of the service\'s folder'),
    text('inspect/2: wc -l inside in api, exit code 0\n2 inside\n'),
    text('inspect/3: grep -c /etc app.log in api, exit code 1\n0\n'),
  ]);
});

import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { logOf } from '../../../activities/process/job.ts';
import { supervise } from '../../../activities/process/supervise.ts';
import { allowedPlaces, loopbackPorts } from '../../../activities/sandbox/network/allowed.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { listening } from '../../support/listening.ts';
import { noBubblewrap, sandboxIn } from '../../support/sandbox.ts';

const contained = noBubblewrap === undefined ? test : test.skip;
const io = { signal: new AbortController().signal };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(answer: string): Promise<number> {
  const server = createServer((_, response) => response.end(answer));
  servers.push(server);
  return listening(server);
}

/** Runs the script of Node in a sandbox whose model is at `model`; gives its exit code and what it printed. */
async function run(script: string, { model, hosts = [] }: { model: number; hosts?: readonly string[] }) {
  const folder = await temporaryFolder();
  const [work, job] = [path.join(folder, 'work'), path.join(folder, 'job')];
  for (const each of [work, job]) await mkdir(each);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: path.join(job, 'home'),
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${model}`,
  };
  const command = { file: process.execPath, arguments: ['-e', script], cwd: work, environment, input: 'the prompt' };
  const sandbox = sandboxIn(folder, { kind: 'bubblewrap', network: 'model', hosts });
  const wrapped = () => sandbox.contain(command, { directory: work, jobDirectory: job });
  const call = path.join(job, 'call');
  const { code } = await supervise({ folder: call, command: wrapped, seconds: 20, silenceSeconds: 20 }, io);
  return { code, stdout: await readFile(logOf(call).stdout, 'utf8') };
}

const GET = (port: number): string =>
  `fetch("http://127.0.0.1:${port}").then((r) => r.text()).then(console.log, () => console.log("no"))`;

contained('the network "model" reaches the provider and nothing else of the host (needs bubblewrap)', async () => {
  const [model, other] = [await serve('the model'), await serve('something else')];
  const script = `(async () => { await ${GET(model)}; await ${GET(other)}; process.exitCode = 3 })()`;
  expect(await run(script, { model })).toEqual({ code: 3, stdout: 'the model\nno\n' });
});

contained('places beyond the loopback go by a proxy that opens the named ones only (needs bubblewrap)', async () => {
  const [model, named] = [await serve('the model'), await serve('named')];
  const script = `
    const { connect } = require("node:net");
    const ask = (place) => new Promise((resolve) => {
      const socket = connect(3128, "127.0.0.1", () => socket.write("CONNECT " + place + " HTTP/1.1\\r\\n\\r\\n"));
      socket.once("data", (data) => { resolve(String(data).split(" ")[1]); socket.destroy(); });
    });
    (async () => console.log(await ask("127.0.0.2:${named}"), await ask("127.0.0.1:${named}"), await ask("example.com:443"), require("node:fs").readFileSync(0, "utf8")))();`;
  expect(await run(script, { model, hosts: [`127.0.0.1:${named}`] })).toEqual({
    code: 0,
    stdout: '403 200 403 the prompt\n',
  });
});

test('the provider is where the variables say, else at its usual hosts; the project names more', () => {
  const places = allowedPlaces({ ANTHROPIC_BASE_URL: 'http://localhost:8080/v1', PATH: '/bin' }, ['a.example', 'b:81']);
  expect(places).toEqual([
    ...['localhost:8080', 'api.openai.com:443', 'auth.openai.com:443', 'chatgpt.com:443'],
    ...['a.example:443', 'b:81'],
  ]);
  expect(loopbackPorts(places)).toEqual([8080]);
  expect(allowedPlaces({}, [])).toContain('api.anthropic.com:443');
});

test('the network "model" is refused where the only way out is a proxy', () => {
  expect(() => allowedPlaces({ HTTPS_PROXY: 'http://proxy:3128' }, [])).toThrow(
    'the network "model" cannot go through the proxy in $HTTPS_PROXY: use open or none',
  );
});

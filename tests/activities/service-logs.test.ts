import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { e2e } from '../../activities/e2e.ts';
import { release } from '../../activities/release.ts';
import { keepLogs, markLogs, readLogs, serviceLogs } from '../../activities/service-logs.ts';
import type { EndToEnd } from '../../domain/project.ts';
import { candidacy, io, up } from '../support/candidacy.ts';
import { temporaryFolder } from '../support/folder.ts';

/** Prints as much as it is asked for, and one line. */
const TALKER = `require('node:http').createServer((q, r) => {
  const { searchParams } = new URL(q.url, 'http://x');
  const [line, times] = [searchParams.get('line'), Number(searchParams.get('times') ?? 1)];
  if (line === null) return r.end('ok');
  process.stdout.write((line + '\\n').repeat(times), () => r.end('ok'));
}).listen(process.env.PORT, '127.0.0.1');`;
const FAILED = `<testsuite tests='1'><testcase classname='s' name='pays'><failure message='402'/></testcase></testsuite>`;
const say = (line: string, times = 1): string => `curl -sf "$API_URL/?line=${line}&times=${times}" >/dev/null`;

test('a red suite has the logs of its own time: not what was before it, nor what its reruns let services write', async () => {
  const shown = await candidacy({ kind: 'process' }, TALKER);
  const { ports, input } = shown;
  const deployment = await up(shown);
  const url = deployment.addresses['api'] ?? '';
  await fetch(`${url}/?line=${'earlier'.padEnd(99, '.')}&times=10000`);
  const run = `if [ -e ran ]; then ${say('rerun'.padEnd(99, '.'), 10_000)}; else ${say('card-was-declined')}; fi; touch ran; echo "${FAILED}" > r.xml; exit 1`;
  const suite: EndToEnd = { repository: 'api', reports: ['r.xml'], minTests: 1, reruns: 1, run };
  const result = await e2e(ports, { ...input, e2e: suite, deployment }, io);
  await release(ports, input, io);
  const logs = result.artifacts.filter(({ ref }) => /(api|db)\.log$/.test(ref));
  const texts = await Promise.all(
    logs.map(async ({ ref }) => [
      ref.replace(/^[^/]*\//, ''),
      await ports.artifacts.read({ ref, sha256: '', bytes: 0 }),
    ]),
  );
  const title = /^-- from \S{24} to \S{24} --\n/;
  const told = Object.fromEntries(texts.map(([name = '', text = '']) => [name, text.replace(title, '')]));
  const again = told['attempt-1/e2e/again-1/api.log'] ?? '';
  const silent = '-- nothing in this time; the last lines before it: --\ndb is up\n';
  expect(texts.map(([, text = '']) => title.test(text))).toEqual([true, true, true, true]);
  expect(told).toEqual({
    'attempt-1/e2e/api.log': 'card-was-declined\n',
    'attempt-1/e2e/db.log': silent,
    'attempt-1/e2e/again-1/api.log': expect.stringMatching(/^rerun\.+\nrerun/),
    'attempt-1/e2e/again-1/db.log': silent,
  });
  const bytes = 256 * 1024;
  expect(again).toContain(`\n[${1_000_000 - bytes} bytes left out here]\n`);
  expect(again).not.toMatch(/earlier|declined/);
  expect(result.excerpt).toContain('== log of api\ncard-was-declined');
});

test('a window is found again in a log that has lost its older part since', async () => {
  const shown = await candidacy({ kind: 'process' }, TALKER);
  const { ports, input } = shown;
  const { addresses, name } = await up(shown);
  const [folder = ''] = await readdir(path.join(ports.home, 'environments'));
  const isShortened = async (): Promise<boolean> =>
    (await readdir(path.join(ports.home, 'environments', folder))).some((file) => file.endsWith('.api.dropped'));
  const tell = (line: string, times = 1): Promise<unknown> => fetch(`${addresses['api']}/?line=${line}&times=${times}`);
  const wish = { environment: input.environment, name };
  await tell('early'.padEnd(999, '.'), 66_000);
  const since = await markLogs(ports, wish);
  await tell('late');
  await tell('between'.padEnd(999, '.'), 2000);
  while (!(await isShortened())) await new Promise((resolve) => setTimeout(resolve, 50));
  await tell('later');
  const { api = '' } = await readLogs(ports, { ...wish, since }, io);
  await release(ports, input, io);
  expect([since.positions, api.slice(0, 15), api.slice(-9)]).toEqual([
    { api: 66_000_000, db: 9 },
    'late\nbetween...',
    '..\nlater\n',
  ]);
  expect(api).toContain(`\n[${5 + 2_000_000 + 6 - 256 * 1024} bytes left out here]\n`);
});

test('services whose names differ have logs that differ, and none is written over what the suite printed', async () => {
  const folder = await temporaryFolder();
  const logs = { 日本: 'a', 中国: 'b', api: 'c', API: 'd', 'api-e2e': 'e', '../up': 'f' };
  const files = await keepLogs(folder, { logs }, [path.join(folder, 'api-e2e.log')]);
  const names = files.map((file) => path.relative(folder, file));
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(6);
  expect(names.every((name) => /^[A-Za-z0-9._-]+\.log$/.test(name) && name !== 'api-e2e.log')).toBe(true);
  expect([names[2], await Promise.all(files.map((file) => readFile(file, 'utf8')))]).toEqual([
    'api.log',
    Object.values(logs),
  ]);
});

test('of a log that is cut no secret is left in halves', async () => {
  const shown = await candidacy({ kind: 'process' }, TALKER);
  const { ports, input } = shown;
  const { addresses, name } = await up(shown);
  const wish = { environment: input.environment, name };
  const since = await markLogs(ports, wish);
  const secret = `ghp_${'s3cret'.repeat(6)}`;
  await fetch(`${addresses['api']}/?line=${secret}&times=40000`);
  const found = await serviceLogs(ports, { ...wish, since }, io);
  await release(ports, input, io);
  const lines = new Set((found.logs['api'] ?? '').split('\n'));
  expect([...lines].filter((line) => line.includes('s3cret'))).toEqual([]);
  expect(found.window?.from).toBe(since.at);
});

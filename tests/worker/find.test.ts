import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { TemporalNotFound, findTemporal } from '../../worker/temporal/find.ts';
import { TEMPORAL_VERSION } from '../../worker/temporal/version.ts';
import { temporaryFolder } from '../support/folder.ts';

function program(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function scene() {
  const folder = await temporaryFolder();
  const said: string[] = [];
  const options = {
    path: `${path.join(folder, 'bin')}:/usr/bin:/bin`,
    cacheDir: path.join(folder, 'cache'),
    say: (line: string) => void said.push(line),
  };
  return {
    bin: path.join(folder, 'bin'),
    cached: path.join(folder, 'cache', `temporal-${TEMPORAL_VERSION}`),
    options,
    said,
  };
}

test('a temporal on PATH is taken first, without a word', async () => {
  const { bin, cached, options, said } = await scene();
  program(bin, 'temporal', 'exit 0');
  program(cached, 'temporal', 'exit 0');
  expect(await findTemporal(options)).toEqual({ file: path.join(bin, 'temporal'), how: 'temporal on PATH' });
  expect(said).toEqual([]);
});

test('one that does not run is passed over for the cache', async () => {
  const { bin, cached, options } = await scene();
  program(bin, 'temporal', 'exit 1');
  program(cached, 'temporal', 'exit 0');
  expect((await findTemporal(options)).file).toBe(path.join(cached, 'temporal'));
});

test('when nothing works, one message lists the four ways and why each failed, and no half file is left', async () => {
  const { bin, cached, options } = await scene();
  program(bin, 'go', 'if [ "$1" = version ]; then exit 0; fi; echo "no network" >&2; exit 1');
  const failure = await findTemporal(options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TemporalNotFound);
  const lines = failure instanceof Error ? failure.message.split('\n').filter((line) => line.startsWith('  - ')) : [];
  expect(lines).toEqual([
    '  - temporal on PATH: not there',
    expect.stringMatching(/^ {2}- cache \(.*\): not there$/),
    expect.stringMatching(/^ {2}- the SDK's download: the download failed: /),
    '  - built from its Go module: go build failed: no network',
  ]);
  expect(existsSync(cached) ? readdirSync(cached) : []).toEqual([]);
}, 150_000);

test('two that build at once share one result', async () => {
  const { bin, cached, options } = await scene();
  const count = path.join(bin, 'count');
  program(
    bin,
    'go',
    `if [ "$1" = version ]; then exit 0; fi\necho x >> ${count}\nsleep 1\nwhile [ "$1" != -o ]; do shift; done\nprintf '#!/bin/sh\\nexit 0\\n' > "$2"; chmod +x "$2"`,
  );
  const found = await Promise.all([findTemporal(options), findTemporal(options)]);
  expect(found.map(({ file }) => file)).toEqual([path.join(cached, 'temporal'), path.join(cached, 'temporal')]);
  expect(readdirSync(cached)).toEqual(['temporal']);
}, 150_000);

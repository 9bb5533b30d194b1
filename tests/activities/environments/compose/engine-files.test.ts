import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import getPort from 'get-port';
import { compose } from '../../../../activities/environments/compose/provider.ts';
import { resourceName } from '../../../../activities/environments/variables.ts';
import { DeployFailed, EnvironmentFault } from '../../../../activities/environments/errors.ts';
import type { DeployRequest, EnvironmentProvider } from '../../../../activities/environments/index.ts';
import type { ComposeSettings } from '../../../../domain/environment.ts';
import { engineProblem, madeOf, serviceOf, withEngine } from '../../../support/environments/image.ts';
import { writeFiles } from '../../../support/repository.ts';
import { COMMIT_A, COMMIT_B, START, ioOf, scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

const problem = engineProblem();
const BY = 'compose with the engine of this host';

async function providerOf(
  { config }: Scene,
  text: string,
  more: Partial<ComposeSettings> = {},
): Promise<EnvironmentProvider> {
  const directory = config.stateHome;
  await writeFile(path.join(directory, 'compose.yaml'), text);
  const settings: ComposeSettings = {
    ...{ kind: 'compose', directory, env: [], health: { api: '/' }, seconds: 60 },
    ...{ files: ['compose.yaml'], profiles: [], engine: 'docker', ...more },
  };
  const all = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return compose({ ...config, toolEnvironment: Object.fromEntries(all) }, settings);
}

const imagesOf = (project: string): readonly string[] =>
  execFileSync('docker', ['image', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${project}`], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((id) => id !== '');

// `api` answers with the commit that it was built of and with what `store`, asked by its container's name, keeps in the volume.
const FIXED = `services:
  store:
    image: spec-to-pr-test:empty
    pull_policy: never
    container_name: spec-to-pr-test-store
    entrypoint: [/node/node, /srv/store/store.js]
    volumes: ["/usr:/usr:ro", "/bin:/bin:ro", "/lib:/lib:ro", "/lib64:/lib64:ro", "NODE:/node:ro", "\${API_DIR}:/srv/store:ro", "data:/data"]
    stop_signal: SIGKILL${serviceOf('api', '${WEB_DIR}', { program: '/program/main.cjs' }).replace(
      'image: spec-to-pr-test:empty\n    pull_policy: never',
      'image: spec-to-pr-test:api\n    build: { context: "${API_DIR}" }\n    depends_on: [store]',
    )}
volumes: { data: { name: spec-to-pr-test-data } }
`.replace('NODE', path.dirname(process.execPath));

const STORE = `import { createServer } from 'node:http';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const before = existsSync('/data/by') ? readFileSync('/data/by', 'utf8') : '';
writeFileSync('/data/by', before + 'x');
createServer((_, to) => to.end(readFileSync('/data/by'))).listen(7000, '0.0.0.0');`;

const mainOf = (commit: string): string => `const http = require('node:http');
http.createServer(async (_, to) => {
  const kept = await fetch('http://spec-to-pr-test-store:7000').then((from) => from.text(), () => undefined);
  to.statusCode = kept === undefined ? 503 : 200;
  to.end('${commit} ' + kept);
}).listen(8080, '0.0.0.0');`;

interface Stand {
  readonly provider: EnvironmentProvider;
  readonly order: DeployRequest;
  readonly project: string;
}

async function standOf(name: string, commit: string): Promise<Stand> {
  const here = await scene();
  const order = here.request(
    { api: START.good, web: START.good },
    { name, commits: { api: commit }, healthSeconds: 60 },
  );
  writeFiles(order.directories['api'] ?? '', {
    'store.js': STORE,
    'main.cjs': mainOf(commit),
    Dockerfile: 'FROM spec-to-pr-test:empty\nCOPY main.cjs /program/main.cjs\n',
  });
  return { provider: await providerOf(here, FIXED), order, project: resourceName(name) };
}

const answerOf = async (url = ''): Promise<string> => (await fetch(url)).text();

if (problem === undefined) {
  withEngine();

  test(`${BY}: two environments of files that fix names run side by side, and leave no container, network, volume or image`, async () => {
    const stands = [await standOf('shop/ONE', COMMIT_A), await standOf('shop/TWO', COMMIT_B)];
    const made = await Promise.all(stands.map(({ provider, order }) => provider.deploy(order, ioOf())));
    const answers = await Promise.all(made.map(({ addresses }) => answerOf(addresses['api'])));
    expect(answers).toEqual([`${COMMIT_A} x`, `${COMMIT_B} x`]);
    for (const { provider, order } of stands) await provider.destroy(order.name, ioOf());
    expect(stands.flatMap(({ project }) => [...madeOf(project), ...imagesOf(project)])).toEqual([]);
  }, 120_000);

  test(`${BY}: a build in the place of another leaves no image either`, async () => {
    const first = await standOf('shop/AGAIN', COMMIT_A);
    const next = await standOf('shop/AGAIN', COMMIT_B);
    await first.provider.deploy(first.order, ioOf());
    const { addresses } = await next.provider.deploy(next.order, ioOf());
    expect(await answerOf(addresses['api'])).toBe(`${COMMIT_B} xx`);
    await next.provider.destroy(next.order.name, ioOf());
    await first.provider.destroy(first.order.name, ioOf());
    expect([...madeOf(next.project), ...imagesOf(next.project)]).toEqual([]);
  }, 120_000);

  const NETWORK = 'networks: { default: { ipam: { config: [{ subnet: 10.213.77.0/24 }] } } }';
  test.each([
    ['subnet', 'provider', (): string => `services:${serviceOf('api', '${API_DIR}')}\n${NETWORK}\n`],
    [
      'port',
      'port',
      (free: number): string =>
        `services:${serviceOf('api', '${API_DIR}').replace('127.0.0.1::8080', `127.0.0.1:${free}:8080`)}\n`,
    ],
  ])(
    `${BY}: a %s that another environment has is no fault of the candidate`,
    async (_, infra, textOf) => {
      const here = await scene();
      const provider = await providerOf(here, textOf(await getPort({ host: '127.0.0.1' })));
      const one = here.request({ api: START.good }, { name: 'shop/ONE' });
      const two = { ...one, name: 'shop/TWO' };
      await provider.deploy(one, ioOf());
      const error = await provider.deploy(two, ioOf()).catch((thrown: unknown) => thrown);
      for (const { name } of [one, two]) await provider.destroy(name, ioOf());
      expect(error).toBeInstanceOf(EnvironmentFault);
      expect(error).toMatchObject({ infra });
    },
    120_000,
  );

  const LOOP = serviceOf('api', '${API_DIR}', { program: '--eval=throw new Error("no database")' });
  test.each([
    [
      'a service that the engine starts again and again',
      `services:${LOOP}\n    restart: always\n`,
      [DeployFailed, /^service "api" was restarted [3-9] times$/],
    ],
    [
      'an image of a registry that is not there',
      'services: { api: { image: "127.0.0.1:1/shop/api", ports: ["8080"] } }',
      [EnvironmentFault, /^(refused|provider): "docker compose up" ended with exit code \d+: .*127\.0\.0\.1:1/],
    ],
    [
      'a variables file that is not there',
      `services:${LOOP}\n    env_file: nowhere.env\n`,
      [EnvironmentFault, /^provider: there is no valid compose file beside the project file: .*nowhere\.env/],
    ],
    [
      'a variables file that the candidate lacks',
      `services:${LOOP}\n    env_file: "\${API_DIR}/nowhere.env"\n`,
      [DeployFailed, /^service "environment" has no valid compose file: .*nowhere\.env/],
    ],
  ] as const)(
    `${BY}: %s is told in one line by class`,
    async (_, text, [type, message]) => {
      const here = await scene();
      const provider = await providerOf(here, text);
      const order = here.request({ api: START.good }, { healthSeconds: 60 });
      const error = await provider.deploy(order, ioOf()).catch((thrown: unknown) => thrown);
      await provider.destroy(order.name, ioOf());
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ message: expect.stringMatching(message) });
    },
    120_000,
  );
} else {
  test.skip(`${BY}: files as users have them: skipped, for ${problem}`, () => undefined);
}

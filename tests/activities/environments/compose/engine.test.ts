import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from '@jest/globals';
import { compose } from '../../../../activities/environments/compose/provider.ts';
import { resourceName } from '../../../../activities/environments/variables.ts';
import type { ComposeSettings } from '../../../../domain/environment.ts';
import { engineProblem, madeOf, serviceOf, withEngine } from '../../../support/environments/image.ts';
import { holdsContract } from '../contract.ts';

const problem = engineProblem();

if (problem === undefined) {
  withEngine();
  holdsContract('compose with the engine of this host', async (config) => {
    const services = ['api', 'web'].map((key) => serviceOf(key, `\${${key.toUpperCase()}_DIR}`));
    const directory = config.stateHome;
    await writeFile(path.join(directory, 'compose.yaml'), `services:${services.join('')}\n    depends_on: [api]\n`);
    const settings: ComposeSettings = {
      ...{ kind: 'compose', directory, env: [], health: { api: '/healthz', web: '/healthz' }, seconds: 60 },
      ...{ files: ['compose.yaml'], profiles: [], engine: 'docker' },
    };
    const toolEnvironment = Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    return {
      provider: compose({ ...config, toolEnvironment }, settings),
      elsewhere: compose({ ...config, toolEnvironment }, settings),
      greeting: 'listening\n',
      leftovers: async () => madeOf(resourceName('shop/SPEC-1')),
    };
  });
} else {
  test.skip(`compose with the engine of this host: skipped, for ${problem}`, () => undefined);
}

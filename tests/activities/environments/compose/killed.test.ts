import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentChoice } from '../../../../domain/environment.ts';
import { FILE } from '../../../support/environments/compose-file.ts';
import { endsUnfinished } from '../unfinished.ts';

async function choice(directory: string, env: readonly string[]): Promise<EnvironmentChoice> {
  await writeFile(path.join(directory, 'compose.yaml'), FILE);
  return {
    ...{ kind: 'compose', directory, env, health: { api: '/healthz', web: '/healthz' }, seconds: 60 },
    ...{ files: ['compose.yaml'], profiles: [], engine: 'docker' },
  };
}

endsUnfinished(
  {
    ...{ kind: 'compose', script: 'engine.ts', programs: ['docker'], variable: 'ENGINE_HOME' },
    destroying: 'down',
  },
  [
    { shown: 'before "up"', dieAt: 'compose up shop/SPEC-1', choice },
    { shown: 'while "up" begins', slow: 'up', choice },
    { shown: 'with one of two services started', slow: 'api', choice },
    { shown: 'with both started', slow: 'web', choice },
  ],
);

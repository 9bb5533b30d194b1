import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { resourceName } from '../../activities/environments/variables.ts';
import type { ComposeSettings } from '../../domain/environment.ts';
import { leaseIdOf } from '../../domain/lease.ts';
import { LEASE } from '../../workflows/contract.ts';
import { engineProblem, engineVariables, madeOf, serviceOf, withEngine } from '../support/environments/image.ts';
import { failsTwice } from '../support/two-failures.ts';
import { until } from '../support/until.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const BY = 'by containers of the engine of this host';
const problem = engineProblem();

/** The shop's services, as a compose file of its user's would have them: the one finds the other by its name. */
const FILE = [
  'services:',
  serviceOf('api', '${API_DIR}', { program: 'src/server.js' }),
  serviceOf('web', '${WEB_DIR}', { program: 'src/server.js', variables: { API_URL: 'http://api:8080' } }),
].join('');

async function environmentIn(directory: string): Promise<ComposeSettings> {
  await writeFile(path.join(directory, 'compose.yaml'), FILE);
  return {
    ...{ kind: 'compose', directory, env: [], health: { api: '/healthz', web: '/healthz' }, seconds: 120 },
    ...{ files: ['compose.yaml'], profiles: [], engine: 'docker' },
  };
}

if (problem === undefined) {
  withEngine();
  const stage = stageOfFile('evidence-compose', async () => engineVariables());
  failsTwice(stage, {
    by: BY,
    changes: async (root) => ({ environment: await environmentIn(root) }),
    seconds: 240,
  });
  test(`${BY}: each attempt had an environment of its own, and nothing of them is left`, async () => {
    const names: string[] = [];
    for await (const { workflowId } of stage.product.server.client.workflow.list({
      query: `WorkflowType = "${LEASE}"`,
    }))
      names.push(workflowId.slice(leaseIdOf('shop', '').length));
    expect(names).toHaveLength(3);
    const left = (): readonly string[] => names.flatMap((name) => madeOf(resourceName(name)));
    await until(async () => left().length === 0);
  }, 60_000);
} else {
  test.skip(`${BY}: skipped, for ${problem}`, () => undefined);
}

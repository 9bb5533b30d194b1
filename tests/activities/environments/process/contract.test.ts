import path from 'node:path';
import { processes } from '../../../../activities/environments/process/provider.ts';
import { findMarked } from '../../../../activities/process/marked.ts';
import { listEnvironments } from '../../../../activities/environments/process/record.ts';
import { git } from '../../../support/repository.ts';
import { holdsContract } from '../contract.ts';
import { COMMIT_B } from '../scene.ts';

holdsContract('process', async (config) => ({
  provider: processes(config),
  greeting: 'listening\n',
  goStale: async () => {
    const directory = path.join(config.stateHome, 'work', 'api');
    git(directory, 'checkout', '--quiet', '--detach', COMMIT_B);
  },
  leftovers: async () => {
    const records = await listEnvironments(config.stateHome);
    const pids = await Promise.all(records.map(({ marker }) => findMarked(marker)));
    return [...records.map(({ name }) => name), ...pids.flat().map(String)];
  },
}));

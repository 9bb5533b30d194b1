import { processes } from '../../../../activities/environments/process/provider.ts';
import { findMarked } from '../../../../activities/process/marked.ts';
import { listEnvironments } from '../../../../activities/environments/process/record.ts';
import { holdsContract } from '../contract.ts';

holdsContract('process', async (config) => ({
  provider: processes(config),
  greeting: 'listening\n',
  leftovers: async () => {
    const records = await listEnvironments(config.stateHome);
    const pids = await Promise.all(records.map(({ marker }) => findMarked(marker)));
    return [...records.map(({ name }) => name), ...pids.flat().map(String)];
  },
}));

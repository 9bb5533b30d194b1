import { EnvironmentAbsent } from './errors.ts';
import type { EnvironmentProvider } from './index.ts';

/** Deploys nothing: for suites that bring up what they need themselves. */
export function none(): EnvironmentProvider {
  const status = { state: 'absent', commits: {}, addresses: {}, services: {} } as const;
  return {
    provision: async ({ name }) => ({ name, ...status }),
    deploy: async ({ name, commits }) => ({ name, commits, addresses: {}, variables: {} }),
    status: async (name) => ({ name, ...status }),
    logs: async () => ({}),
    exec: async ({ name }) => {
      throw new EnvironmentAbsent(name);
    },
    list: async () => [],
    destroy: async () => undefined,
    hasBegun: async () => false,
  };
}

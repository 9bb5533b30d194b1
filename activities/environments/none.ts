import type { EnvironmentProvider } from './index.ts';

/** Deploys nothing: for suites that bring up what they need themselves. */
export function none(): EnvironmentProvider {
  return {
    deploy: async ({ name, commits }) => ({ name, commits, addresses: {}, variables: {} }),
    logs: async () => ({}),
    destroy: async () => undefined,
  };
}

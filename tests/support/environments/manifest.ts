import getPort from 'get-port';

/** A service of the stand-in cluster: `node server.js` in its worktree, behind a load balancer on this port. */
export function objects(key: string, port: number): readonly unknown[] {
  const env = [
    { name: 'PORT', value: String(port) },
    { name: 'HOST', value: '127.0.0.1' },
  ];
  const container = { command: ['node', 'server.js'], workingDir: `\${${key.toUpperCase()}_DIR}`, env };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: key },
      spec: { template: { spec: { containers: [container] } } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: key }, spec: { type: 'LoadBalancer', ports: [{ port }] } },
  ];
}

/** The services `api` and `web` on free ports, as one file. */
export async function manifest(): Promise<string> {
  const api = await getPort();
  const web = await getPort({ exclude: [api] });
  return [...objects('api', api), ...objects('web', web)].map((object) => JSON.stringify(object)).join('\n---\n');
}

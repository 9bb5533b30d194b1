import { SandboxUnavailable } from '../errors.ts';

type Environment = Readonly<Record<string, string>>;

/** Hosts of the providers that are used when no variable names another. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  ANTHROPIC_BASE_URL: ['api.anthropic.com', 'platform.claude.com', 'console.anthropic.com'],
  OPENAI_BASE_URL: ['api.openai.com', 'auth.openai.com', 'chatgpt.com'],
};

/**
 * What a session may connect to, as `host:port`: the model's provider and what the project names. Throws SandboxUnavailable where
 * the way out is a proxy.
 */
export function allowedPlaces(environment: Environment, hosts: readonly string[]): readonly string[] {
  const proxy = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].find((name) => environment[name]);
  if (proxy !== undefined)
    throw new SandboxUnavailable(`the network "model" cannot go through the proxy in $${proxy}: use open or none`);
  const named = Object.entries(environment).flatMap(([name, value]) =>
    name.endsWith('_BASE_URL') ? placeOf(value) : [],
  );
  const usual = Object.entries(PROVIDERS).flatMap(([name, names]) => (environment[name] === undefined ? names : []));
  const asked = [...usual, ...hosts].map((host) => (/:\d+$/.test(host) ? host : `${host}:443`));
  return [...new Set([...named, ...asked])];
}

/** The ports of the host's loopback among them. */
export function loopbackPorts(places: readonly string[]): readonly number[] {
  return places.flatMap((place) => {
    const [, port] = /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(place) ?? [];
    return port === undefined ? [] : [Number(port)];
  });
}

function placeOf(address: string): readonly string[] {
  if (!URL.canParse(address)) return [];
  const { hostname, port, protocol } = new URL(address);
  return [`${hostname}:${port === '' ? (protocol === 'http:' ? '80' : '443') : port}`];
}

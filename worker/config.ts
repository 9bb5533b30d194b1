import path from 'node:path';
import { redactor } from '../activities/redact.ts';
import { stateHome } from './processes/home.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the worker takes from its environment. The only place that reads secrets. */
export interface WorkerConfig {
  readonly home: string;
  /** For commands of the user's repositories. */
  readonly commandEnvironment: Readonly<Record<string, string>>;
  /** For container engines and cluster tools: the same and where their configuration is, never a secret itself. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  /** For agent CLIs: the same and their own credentials. */
  readonly agentEnvironment: Readonly<Record<string, string>>;
  /** For programs that show something on the desktop. */
  readonly desktopEnvironment: Readonly<Record<string, string>>;
  /** The value behind a secret's name. */
  secret(name: string): string | undefined;
  redact(text: string): string;
}

const COMMAND_VARIABLES = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
];
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];
const DESKTOP_VARIABLES = [
  'PATH',
  'HOME',
  'LANG',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XDG_RUNTIME_DIR',
  'DBUS_SESSION_BUS_ADDRESS',
];
const TOOL_VARIABLE =
  /^(HOME|USER|XDG_(RUNTIME_DIR|CONFIG_HOME|DATA_HOME|CACHE_HOME)|DOCKER_(HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY)|CONTAINER_HOST|KUBECONFIG|HELM_(CACHE_HOME|CONFIG_HOME|DATA_HOME|DRIVER|REGISTRY_CONFIG)|USE_GKE_GCLOUD_AUTH_PLUGIN|CLOUDSDK_CONFIG|GOOGLE_APPLICATION_CREDENTIALS|AWS_(PROFILE|REGION|CONFIG_FILE|SHARED_CREDENTIALS_FILE)|AZURE_CONFIG_DIR)$/;
const AGENT_VARIABLE =
  /^(ANTHROPIC_|CLAUDE_CODE_(USE|SKIP|OAUTH)_|CLOUD_ML_REGION$|IS_SANDBOX$|HOME$|OPENAI_|CODEX_HOME$)/;
// A cloud's credentials reach a session only where the model is served by that cloud.
const CLOUD_VARIABLES: Readonly<Record<string, RegExp>> = {
  CLAUDE_CODE_USE_BEDROCK: /^AWS_/,
  CLAUDE_CODE_USE_VERTEX: /^(GOOGLE_|GCLOUD_|CLOUDSDK_)/,
};
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSWD|API_KEY|PRIVATE_KEY|CREDENTIAL|WEBHOOK)/i;

export function workerConfig(environment: Environment): WorkerConfig {
  const pick = (wanted: (name: string) => boolean): Record<string, string> => {
    const entries = Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && wanted(entry[0]),
    );
    return Object.fromEntries(entries);
  };
  const commandEnvironment = {
    ...pick((name) => COMMAND_VARIABLES.includes(name) || PROXY_VARIABLES.includes(name)),
    // With a HOME of its own, each npm would ask the registry for a newer npm first.
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
  };
  const clouds = Object.entries(CLOUD_VARIABLES).filter(([name]) => environment[name] === '1');
  const forAgents = [AGENT_VARIABLE, ...clouds.map(([, variables]) => variables)];
  const secrets = Object.values(pick((name) => SECRET_NAME.test(name)));
  return {
    home: path.resolve(stateHome(environment)),
    commandEnvironment,
    toolEnvironment: { ...commandEnvironment, ...pick((name) => TOOL_VARIABLE.test(name)) },
    agentEnvironment: { ...commandEnvironment, ...pick((name) => forAgents.some((pattern) => pattern.test(name))) },
    desktopEnvironment: pick((name) => DESKTOP_VARIABLES.includes(name)),
    secret: (name) => environment[name],
    redact: redactor(secrets),
  };
}

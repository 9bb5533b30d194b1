/** An option of an agent in the project file. A `path` starts from the project file's folder, and so does a `program` with a slash; a list holds the values allowed. */
export interface AgentOption {
  readonly kind: 'text' | 'path' | 'program' | 'number' | 'flag' | readonly string[];
  readonly about: string;
  readonly required?: true;
}

const command: AgentOption = {
  kind: 'program',
  about: "The CLI: a name on PATH, or a path from the project file's folder",
};

/** All agents, and what each takes beside `name` and `model`. */
export const AGENT_OPTIONS = {
  acp: {
    command: { ...command, required: true },
    arguments: { kind: 'text', about: 'Split at spaces' },
    home: { kind: 'text', about: 'Its HOME; by default an empty folder of the session' },
    mode: { kind: 'text', about: 'A mode that the agent offers' },
  },
  anthropic: {
    provider: { kind: ['anthropic', 'vertex', 'bedrock'], about: 'Where the Messages API is' },
    effort: { kind: 'text', about: 'How much the model thinks' },
    max_tokens: { kind: 'number', about: 'Tokens of one answer' },
    command_seconds: { kind: 'number', about: 'Time for one shell command' },
    input_price: { kind: 'number', about: 'USD for a million tokens, in place of the table' },
    output_price: { kind: 'number', about: 'USD for a million tokens, in place of the table' },
  },
  claude: { command },
  codex: {
    command,
    sandbox: { kind: ['read-only', 'workspace-write', 'danger-full-access'], about: 'What its commands may write' },
    network: { kind: 'flag', about: 'Whether its commands reach the network' },
    effort: { kind: 'text', about: 'How much the model thinks' },
  },
  command: {
    command: { ...command, required: true },
    arguments: { kind: 'text', about: 'Split at spaces; {session}, {model} and {prompt_file} are filled in' },
    resume_arguments: { kind: 'text', about: 'Used instead when a session goes on' },
    home: { kind: 'text', about: 'Its HOME; by default an empty folder of the session' },
  },
  opencode: {
    command,
    repository_config: {
      kind: 'flag',
      about: "Whether it may run the repository's own opencode configuration and plugins, which see your key",
    },
    base_url: { kind: 'text', about: 'An endpoint that speaks Chat Completions' },
    context: { kind: 'number', about: "Tokens that fit the endpoint's model" },
    output: { kind: 'number', about: 'Tokens of one answer' },
    input_price: { kind: 'number', about: 'USD for a million tokens' },
    output_price: { kind: 'number', about: 'USD for a million tokens' },
  },
  scripted: { script: { kind: 'path', about: 'The file of steps', required: true } },
} as const satisfies Readonly<Record<string, Readonly<Record<string, AgentOption>>>>;

export type AgentName = keyof typeof AGENT_OPTIONS;

/** The options of the agent `name`; none for a name that is unknown. */
export function optionsOf(name: string): Readonly<Record<string, AgentOption>> {
  const all: Readonly<Record<string, Readonly<Record<string, AgentOption>>>> = AGENT_OPTIONS;
  return Object.hasOwn(all, name) ? (all[name] ?? {}) : {};
}

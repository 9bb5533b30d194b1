import { z } from 'zod';
import { agentChoice } from './agent.schema.ts';
import { ENVIRONMENT_KEYS, environmentFile } from './environment.schema.ts';
import { GATES } from './gate.ts';
import { SWEEPS } from './lease.ts';
import { channel, commands, duration, key, waiting } from './notify.schema.ts';

const positive = z.number().positive();
const check = z.union([
  z
    .string()
    .min(1)
    .transform((run) => ({ run, report: [] as string[] })),
  z.strictObject({
    run: z.string().min(1).describe('A shell command line'),
    report: commands.default([]).describe('Report files the command writes: paths or globs'),
  }),
]);

const repository = z.strictObject({
  url: z.string().min(1).describe('https or ssh URL, owner/name on the forge, or a path relative to this file'),
  base: z.string().min(1).default('main').describe('Branch that the work starts from'),
  setup: commands.default([]).describe('Commands that make a fresh worktree ready'),
  checks: z.record(z.string().min(1), check).default({}).describe('Commands by name; all have to succeed'),
  start: z.string().min(1).optional().describe('Starts the service in the foreground on $PORT'),
  health: z.string().startsWith('/').default('/').describe('Path that answers 2xx when the service is ready'),
});

const limits = z.strictObject({
  attempts: z.number().int().min(1).max(50).optional(),
  usd: positive.optional().describe('Of a run'),
  tokens: positive
    .optional()
    .describe('Of a run. Where only tokens are limited, sessions of unknown cost stop nothing'),
  session_usd: positive.optional().describe('Of one agent session'),
  session_tokens: positive.optional(),
  project_usd: positive.optional().describe('Shared by all runs of the project, in each window'),
  project_tokens: positive.optional(),
  project_per: z.enum(['day', 'month']).optional().describe('The window, by UTC; default: month'),
  minutes: positive.optional().describe('Wall clock of a run, without waiting for people'),
  agent_minutes: positive.optional(),
  agent_silence_minutes: positive.optional(),
  agent_turns: z.number().int().positive().optional(),
  snapshot_minutes: positive
    .optional()
    .describe('How often the unfinished work of an agent session is saved on a hidden ref'),
  check_minutes: positive.optional(),
  e2e_minutes: positive.optional(),
  health_seconds: positive.optional(),
  infra_backoff_seconds: z.array(z.number().nonnegative()).max(10).optional(),
});

const sandbox = {
  kind: z.enum(['auto', 'bubblewrap', 'container', 'none']).default('auto').describe('What contains agent sessions'),
  network: z
    .enum(['open', 'model', 'none'])
    .default('open')
    .describe("What sessions reach: everything, the model's provider only, nothing"),
  read: commands.default([]).describe('Files and folders that sessions may read beside the system: absolute or ~/'),
  hosts: commands.default([]).describe('Hosts that "model" opens beside the provider\'s own: name or name:port'),
  image: z.string().min(1).optional().describe("Of container: the image, with the agent's program in it"),
  engine: z.enum(['docker', 'podman']).default('docker').describe('Of container: the program that runs it'),
};
const leases = z.strictObject({
  ttl: duration.optional().describe('An environment whose users give no sign for so long is erased; default: 30m'),
  escalated: z
    .union([z.literal('release'), duration])
    .optional()
    .describe('How long the environment of a failed candidate is kept while people are asked; default: release'),
  sweep: z.enum(SWEEPS).optional().describe('What becomes of environments that no lease holds; default: report'),
  sweep_every: duration.optional().describe('Default: 1h'),
  min_ready: z.number().int().min(0).max(50).optional().describe('Environments that are provisioned ahead of need'),
  max_age: duration.optional().describe('How long one of those may wait; default: 4h'),
});
const amount = z.number().nonnegative();
const prices = z
  .object({ as_of: z.iso.date().optional().describe('The day on which these prices were right') })
  .catchall(z.strictObject({ input: amount, output: amount, cached: amount.optional() }))
  .describe('USD for a million tokens, by model; goes before the built-in table');

const named = <T extends z.ZodRawShape>(field: string, shape: T) =>
  z.union([
    z
      .string()
      .min(1)
      .transform((value) => ({ [field]: value })),
    z.strictObject(shape),
  ]);

const ASSOCIATIONS = ['OWNER', 'MEMBER', 'COLLABORATOR', 'CONTRIBUTOR'] as const;
const commentAnswers = z.strictObject({
  authors: z.array(z.string().min(1)).min(1).optional().describe('Accounts whose comments answer'),
  associations: z
    .array(z.enum(ASSOCIATIONS))
    .min(1)
    .optional()
    .describe(
      'Whose comments answer by what they are to the repository; default without authors: OWNER, MEMBER, COLLABORATOR',
    ),
  poll: duration.default(15).describe('Shortest time between two looks; it grows to eight times that'),
});
const role = z.strictObject({
  agent: agentChoice.optional(),
  persona: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'has to be 1 to 64 letters, digits, "_" or "-"')
    .optional()
    .describe('Name of a file .claude/agents/<name>.md on the base branch of a repository'),
});

/** `spec-to-pr.yaml`, as users write it. */
export const projectFile = z.strictObject({
  project: key.describe('Key of the project: part of every run id'),
  repositories: z.record(key, repository).describe('By key, in publishing order'),
  gates: z.array(z.enum(GATES)).min(1).optional(),
  environment: environmentFile.describe('How the candidate is brought up for end-to-end tests'),
  leases: leases.default({}).describe('How environments are held, given up and looked after'),
  e2e: z
    .strictObject({
      repository: key,
      run: z.string().min(1).optional().describe('Left out where environment.commands.e2e is the suite'),
      report: commands.default([]),
      min_tests: z.number().int().min(1).default(1),
      reruns: z
        .number()
        .int()
        .min(0)
        .max(5)
        .default(1)
        .describe('How often a red suite runs again on the same commits before the code is blamed'),
    })
    .optional(),
  agent: agentChoice.default({ name: 'claude' }).describe('Plays every role that names no other'),
  roles: z
    .strictObject({
      developer: role.optional(),
      debugger: z
        .union([z.literal('none'), role])
        .default({})
        .describe('Looks into a failed gate before the next attempt; "none" for no such sessions'),
    })
    .default({ debugger: {} }),
  diagnosis: z
    .strictObject({
      commands: commands
        .default([])
        .describe(
          'Command lines that a debugger may run inside services beside those known to only read; a last " *" stands for any further words',
        ),
    })
    .default({ commands: [] }),
  sandbox: z
    .union([sandbox.kind.unwrap().transform((kind) => ({ kind })), z.strictObject(sandbox)])
    .default({ kind: 'auto' })
    .describe('What agent sessions are contained by'),
  forge: named('kind', {
    kind: z.enum(['local', 'github']),
    api_url: z.url().optional(),
    token_env: z.string().min(1).optional(),
  }).default({ kind: 'local' }),
  state: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Git repository (URL or path) that keeps the commits of every step, so that workers on other hosts can go on',
    ),
  notify: z
    .array(channel)
    .default([{ channel: 'log' }])
    .describe('Channels that hear of questions and endings'),
  answers: z
    .strictObject({ github: commentAnswers })
    .optional()
    .describe('Channels of "notify" on which a comment answers'),
  waiting: waiting.optional().describe('What happens while a question waits for a person'),
  prices: prices.optional(),
  limits: limits.default({}),
});

export type ProjectFile = z.infer<typeof projectFile>;

/** Every key that may stand somewhere in the file, for hints at typos. */
export const PROJECT_KEYS: readonly string[] = [
  ...Object.keys(projectFile.shape),
  ...Object.keys(repository.shape),
  ...Object.keys(limits.shape),
  ...Object.keys(leases.shape),
  ...Object.keys(sandbox),
  ...['as_of', 'input', 'output', 'cached'],
  ...ENVIRONMENT_KEYS,
  ...[
    'run',
    'report',
    'repository',
    'min_tests',
    'reruns',
    'name',
    'model',
    'persona',
    'developer',
    'debugger',
    'commands',
    'kind',
    'api_url',
    'token_env',
  ],
  ...[
    'channel',
    'host',
    'port',
    'tls',
    'user',
    'password_env',
    'from',
    'to',
    'remind_after',
    'decide',
    'after',
    'gates',
    ...GATES,
  ],
  ...['github', ...Object.keys(commentAnswers.shape)],
];

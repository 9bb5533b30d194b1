import { z } from 'zod';
import { COMMAND_VERBS, COMPOSE_ENGINES } from './environment.ts';

const text = z.string().min(1);
const texts = z.union([text, z.array(text).min(1)]).transform((value) => (typeof value === 'string' ? [value] : value));
const service = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'has to be the name of a service');

const files = {
  repository: text.optional().describe('Repository whose worktree holds the files; else the folder of this file does'),
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'has to be the name of a variable'))
    .default([])
    .describe("Names of the worker's environment variables that the provider's commands get"),
  health: z.record(service, z.string().startsWith('/')).default({}).describe('Path by service that answers 2xx'),
  minutes: z.number().positive().default(15).describe('Time for bringing an environment up'),
};

const cap = z.number().int().positive().optional();
const process = z.strictObject({
  kind: z.literal('process'),
  memory_mb: cap.describe('Of each service, all of its processes together: resident memory'),
  processes: cap.describe('Of each service'),
  cpu_seconds: cap.describe('Of each service, all of its processes together'),
  open_files: cap.describe('Of each process'),
});

const command = z.strictObject({
  kind: z.literal('command'),
  ...files,
  commands: z
    .strictObject({
      deploy: text.describe("Brings the candidate's commits up; a shell command line, like all of these"),
      destroy: text.describe('Takes the environment away; harmless when there is none'),
      provision: text.optional().describe('Makes the empty environment'),
      resync: text.optional().describe('Brings other commits into a ready environment, in place of deploy'),
      swap_branch: text.optional().describe('Takes a ready environment to another branch, in place of deploy'),
      status: text.optional().describe('Prints state, addresses and commits'),
      list: text.optional().describe('Prints all environments, a line each'),
      logs: text.optional().describe('Prints the log of $ENVIRONMENT_SERVICE, or of all'),
      exec: text.optional().describe('Runs $ENVIRONMENT_COMMAND in $ENVIRONMENT_SERVICE'),
      collect_logs: text.optional().describe('Writes a log file for each service into $ENVIRONMENT_LOGS'),
      e2e: text.optional().describe('Runs the end-to-end suite, in place of run in the section e2e'),
    })
    .describe('The contract is in docs/environments.md'),
});

const compose = z.strictObject({
  kind: z.literal('compose'),
  ...files,
  file: texts.default(['compose.yaml']).describe('Compose files; later ones override'),
  profiles: z.array(text).default([]),
  engine: z.enum(COMPOSE_ENGINES).optional().describe('Default: the first that is found'),
});

const kubernetes = z.strictObject({
  kind: z.literal('kubernetes'),
  ...files,
  manifests: texts.optional().describe('Manifest files or folders; ${NAME} is filled in'),
  chart: z
    .strictObject({
      path: text.describe('Folder, archive or reference of a Helm chart'),
      values: z.array(text).default([]).describe('Value files'),
      set: z.record(text, z.string()).default({}).describe('Single values; ${NAME} is filled in'),
    })
    .optional(),
  context: text.optional().describe('Context of the kubeconfig'),
  build: text.optional().describe('Command that makes the images of the commits available to the cluster'),
  urls: z.record(service, text).default({}).describe('Address by service; ${NAME} is filled in'),
});

/** `environment:` of the project file: a provider's name, or its settings. */
export const environmentFile = z
  .union(
    [
      z.literal('none').transform((kind) => ({ kind })),
      z.literal('process').transform((kind) => process.parse({ kind })),
      z.literal('compose').transform((kind) => compose.parse({ kind })),
      z.discriminatedUnion(
        'kind',
        [z.strictObject({ kind: z.literal('none') }), process, command, compose, kubernetes],
        { error: 'has to be none, process, command, compose or kubernetes' },
      ),
    ],
    { error: 'has to be none, process, compose, or settings with "kind"' },
  )
  .default({ kind: 'none' });

export type EnvironmentFile = z.infer<typeof environmentFile>;

/** Every key that may stand below `environment`. */
export const ENVIRONMENT_KEYS: readonly string[] = [
  ...[process, command, compose, kubernetes].flatMap(({ shape }) => Object.keys(shape)),
  ...COMMAND_VERBS,
  ...['path', 'values', 'set'],
];

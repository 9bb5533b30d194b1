import { z } from 'zod';

/** `environment:` of the project file: a provider's name, or its settings. */
export const environmentFile = z
  .union([
    z.enum(['none', 'process']).transform((kind) => ({ kind })),
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('none') }),
      z.strictObject({ kind: z.literal('process') }),
    ]),
  ])
  .default({ kind: 'none' });

export type EnvironmentFile = z.infer<typeof environmentFile>;

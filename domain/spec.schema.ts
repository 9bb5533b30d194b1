import { z } from 'zod';

const words = z
  .union([z.string(), z.array(z.string().min(1))])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** Front matter of a spec. */
export const frontMatter = z.strictObject({
  work_id: z.string().optional(),
  title: z.string().min(1).optional(),
  repositories: words.optional(),
  repos: words.optional(),
  acceptance: words.optional(),
  constraints: words.optional(),
  labels: words.optional(),
});

export const FRONT_MATTER_KEYS = Object.keys(frontMatter.shape);

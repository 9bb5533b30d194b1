import type { Source } from './index.ts';

/** The text came along with the order: what was submitted is what is built, whatever happens to the file later. */
export function carried(): Source {
  return { load: async ({ text, name }) => ({ text, origin: name }) };
}

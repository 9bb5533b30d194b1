import { isExternal } from '../embedded.ts';
import { EXIT } from '../errors.ts';
import { say } from '../session.ts';

/** `spec-to-pr up` */
export async function verb(options: { readonly json?: boolean }): Promise<number> {
  const { ensureRunning } = await import('../../worker/up.ts');
  const up = await ensureRunning({ environment: process.env, say: say(options) }, isExternal(process.env));
  if (options.json === true) process.stdout.write(`${JSON.stringify(up)}\n`);
  else process.stdout.write(`Ready${up.ui === undefined ? '' : `: Temporal UI ${up.ui}`}\n`);
  return EXIT.done;
}

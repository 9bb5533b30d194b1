import { EXIT } from '../errors.ts';
import { say } from '../session.ts';

/** `spec-to-pr down` */
export async function verb(options: { readonly json?: boolean }): Promise<number> {
  const { shutDown } = await import('../../worker/up.ts');
  await shutDown({ environment: process.env, say: say(options) });
  if (options.json === true) process.stdout.write(`${JSON.stringify({ down: true })}\n`);
  return EXIT.done;
}

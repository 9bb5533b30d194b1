import { EXIT } from '../errors.ts';

/** `spec-to-pr worker` */
export async function verb(): Promise<number> {
  const { main } = await import('../../worker/main.ts');
  await main(process.env);
  return EXIT.done;
}

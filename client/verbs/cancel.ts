import { EXIT } from '../errors.ts';
import { cancelRun } from '../runs.ts';
import { givenId, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';

/** `spec-to-pr cancel` */
export async function verb(options: IdOptions, id?: string): Promise<number> {
  return withRun(givenId(options, id), async (session, workflowId) => {
    await cancelRun(session, workflowId);
    const line = `${workflowId} is being cancelled: its processes end, and what it published is taken back`;
    process.stdout.write(options.json === true ? `${JSON.stringify({ workflowId, cancelled: true })}\n` : `${line}\n`);
    return EXIT.done;
  });
}

import { follow } from '../follow.ts';
import { givenId, home, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';

/** `spec-to-pr watch`: goes on over questions, until the run ends. */
export async function verb(options: IdOptions, id?: string): Promise<number> {
  return withRun(givenId(options, id), (session, workflowId) =>
    follow(session, { workflowId, home: home(), json: options.json === true, untilQuestion: false }),
  );
}

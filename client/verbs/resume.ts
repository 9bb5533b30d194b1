import { userInfo } from 'node:os';
import type { Answer } from '../../domain/answer.ts';
import { GUIDED, offered } from '../../domain/commands.ts';
import type { Run } from '../../domain/run.ts';
import { EXIT, UsageError } from '../errors.ts';
import { ask, follow } from '../follow.ts';
import { answerRun, readRun } from '../runs.ts';
import { givenId, home, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';

/** `spec-to-pr resume`: follows; at a question it asks when a person sits at the terminal. */
export async function verb(options: IdOptions, id?: string): Promise<number> {
  return withRun(givenId(options, id), async (session, workflowId) => {
    for (;;) {
      const code = await follow(session, {
        workflowId,
        home: home(),
        json: options.json === true,
        untilQuestion: true,
      });
      if (code !== EXIT.waiting || !process.stdin.isTTY) return code;
      const answer = await askDecision(await readRun(session, workflowId));
      if (answer === undefined) return code;
      process.stderr.write(`${await answerRun(session, workflowId, answer)}\n`);
    }
  });
}

async function askDecision(run: Run): Promise<Answer | undefined> {
  const possible = offered(run);
  const word = await ask(`Decision (${possible.join(', ')}; empty leaves it waiting): `);
  if (word === undefined) return undefined;
  const decision = possible.find((known) => known === word);
  if (decision === undefined) throw new UsageError(`"${word}" is no decision: use ${possible.join(', ')}`);
  const guidance = GUIDED.includes(decision) ? await ask('Guidance for the next attempt (may be empty): ') : undefined;
  return {
    decision,
    by: userInfo().username,
    ...(guidance === undefined ? {} : { guidance }),
    ...(run.escalation === null ? {} : { question: run.escalation.id }),
  };
}

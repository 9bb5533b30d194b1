import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { advance } from '../domain/advance.ts';
import { received } from '../domain/answer.ts';
import type { ReceivedAnswer } from '../domain/answer.ts';
import { begin } from '../domain/begin.ts';
import { judgedComment } from '../domain/listening.ts';
import { refusal } from '../domain/refusal.ts';
import type { Run } from '../domain/run.ts';
import { slim } from '../domain/slim.ts';
import { answer, answerSignal, state } from './contract.ts';
import type { DeliverInput } from './contract.ts';
import { environmentsOf } from './environments.ts';
import { longHistory } from './history.ts';
import { createListener } from './listen.ts';
import { perform } from './perform.ts';
import { settle } from './settle.ts';
import { show } from './show.ts';
import type { Shown } from './show.ts';
import { isMovingCommits, reply } from './takeover.ts';

/** Delivers one work item: from its spec to pull requests, or to an ending that says what is missing. Returns the run without its logs; the query has all. */
export async function deliver(input: DeliverInput): Promise<Run> {
  let run = input.run ?? begin({ key: runKey(), workId: input.workId, project: input.project, now: Date.now() });
  const inbox: ReceivedAnswer[] = [...(input.inbox ?? [])];
  setHandler(state, () => run, { description: 'The whole run as it stands' });
  setHandler(
    answer,
    (given) => {
      inbox.push(received(given, 'update'));
      return reply(given, () => run);
    },
    {
      description:
        'Decide on an escalated run: {"decision": "retry" | "accept_draft" | "replan" | "take_over" | "resume" | "abort"}',
      validator: (given) => {
        const why = refusal(run, inbox.length, given);
        if (why !== undefined) throw new Error(why);
      },
    },
  );
  setHandler(
    answerSignal,
    (given) => {
      if (refusal(run, inbox.length, given) === undefined) inbox.push(received(given, 'signal'));
    },
    { description: 'The same as the update, fire and forget; a refused answer has no effect' },
  );

  const environments = environmentsOf(input.project, run.key.workflowId);
  const listener = createListener(input, (heard, question) => {
    const command = judgedComment(heard, { question, run, waiting: inbox.length });
    if ('answer' in command) inbox.push(received(command.answer, 'github'));
    return command;
  });
  let stopped: unknown;
  let shown: Shown = {};
  let up = run.environment;
  try {
    while (run.step.at !== 'ended') {
      shown = show(run, shown);
      await listener.follow(run);
      const outcome = await perform(run, { input, inbox, environments });
      run = advance({ ...run, now: Date.now() }, outcome);
      if (outcome.kind === 'gated') up = outcome.result.environment ?? up;
      if (up !== null && run.environment === null) await environments.release(up.name);
      up = run.environment;
      if (run.ending === null && !isMovingCommits(run) && longHistory()) {
        await condition(allHandlersFinished);
        await continueAsNew<typeof deliver>({ ...input, run, inbox, ear: await listener.stop() });
      }
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    stopped = error;
    run = advance({ ...run, now: Date.now() }, { kind: 'cancelled' });
  }
  await CancellationScope.nonCancellable(async () => {
    if (up !== null) await environments.release(up.name);
    await environments.settled();
    show(run, shown);
    await listener.close();
    await settle(run, input);
    await condition(allHandlersFinished);
  });
  if (stopped !== undefined) throw stopped;
  return slim(run);
}

function runKey(): Run['key'] {
  const { workflowId, firstExecutionRunId } = workflowInfo();
  return { workflowId, firstRunId: firstExecutionRunId };
}

import { ActivityFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { acceptedReply, refusedReply } from '../domain/comment-answer.ts';
import type { Command } from '../domain/comment-answer.ts';
import type { Heard } from '../domain/listening.ts';
import { questionKey, subjectOf } from '../domain/notification.ts';
import type { ListenerChoice } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { hearing, light, replying } from './activities.ts';
import type { DeliverInput, Ear } from './contract.ts';

/** Hears answers in comments from the first question on, so that those that come late are told so, too. */
export interface Listener {
  /** Listens for the run's open question, once it has another one. */
  follow(run: Run): Promise<void>;
  /** Stops, and gives what the next execution goes on with. */
  stop(): Promise<Ear>;
  /** Gives the replies that are due, and tells those who have written since that they are too late. */
  close(): Promise<void>;
}

/** Takes the answer of a comment, or says why not. */
type Judge = (heard: Heard, question: string) => Command;

const SILENT: Ear = { order: null, unsaid: [] };
const MOST_LATE = 20;

/** The listener of the project; where comments do not answer, one that hears nothing. */
export function createListener({ project, source, ear = SILENT }: DeliverInput, judge: Judge): Listener {
  const { listener: choice } = project;
  if (choice === undefined)
    return { follow: async () => undefined, stop: async () => ear, close: async () => undefined };
  const repositories = project.repositories.map(({ url }) => url);
  const state = { ear, choice, judge };
  let background = ear.order === null ? undefined : attending(state);
  const stop = async (): Promise<Ear> => {
    await background?.stop();
    background = undefined;
    return state.ear;
  };
  return {
    follow: async (run) => {
      const question = run.escalation?.id;
      if (question === undefined || question === state.ear.order?.question) return;
      await stop();
      const subject = subjectOf(run, { origin: source.name, repositories });
      const { after = null, first = questionKey(run) } = state.ear.order ?? {};
      const order = { question, key: questionKey(run), first, subject, after, since: Date.now() };
      state.ear = { ...state.ear, order };
      background = attending(state);
    },
    stop,
    close: async () => {
      await stop();
      await finish(state).catch(quietly);
    },
  };
}

interface State {
  ear: Ear;
  readonly choice: ListenerChoice;
  readonly judge: Judge;
}

/** Listens and replies in the background until it is stopped. */
function attending(state: State): { stop(): Promise<void> } {
  const scope = new CancellationScope();
  const work = scope
    .run(async () => {
      for (;;) {
        await say(state, replying);
        const { order } = state.ear;
        if (order === null) return;
        const options = { activityId: `listen:${order.question}:${order.after ?? 0}`, summary: order.question };
        take(state, await hearing.listen.executeWithOptions(options, [{ listener: state.choice, order }]));
      }
    })
    .catch(quietly);
  return {
    stop: async () => {
      scope.cancel();
      await work;
    },
  };
}

async function finish(state: State): Promise<void> {
  for (let late = 0; late < MOST_LATE; late += 1) {
    await say(state, light);
    const { order } = state.ear;
    if (order === null) return;
    const options = { activityId: `listen:last:${order.after ?? 0}`, summary: order.question };
    const heard = await light.glance.executeWithOptions(options, [{ listener: state.choice, order }]);
    if (heard === null) return;
    take(state, heard);
  }
}

/** Judges a comment at once, in one step with what it changes, and notes the reply. */
function take(state: State, heard: Heard): void {
  const { order, unsaid } = state.ear;
  if (order === null) return;
  const command = state.judge(heard, order.question);
  const text = 'problem' in command ? refusedReply(command.problem) : acceptedReply(command.answer, order.question);
  const { comment } = heard;
  state.ear = {
    order: { ...order, after: comment.id, since: Date.now() },
    unsaid: [...unsaid, { comment, subject: order.subject, text }],
  };
}

/** Gives the replies in turn. One that cannot be given, as in a locked thread, is left out after many tries. */
async function say(state: State, { reply }: Pick<typeof light, 'reply'>): Promise<void> {
  for (let [order] = state.ear.unsaid; order !== undefined; [order] = state.ear.unsaid) {
    const options = { activityId: `reply:${order.comment.id}`, summary: order.comment.url };
    await reply.executeWithOptions(options, [{ listener: state.choice, order }]).catch(quietlyFailed);
    state.ear = { ...state.ear, unsaid: state.ear.unsaid.slice(1) };
  }
}

function quietlyFailed(error: unknown): void {
  if (isCancellation(error)) throw error;
  quietly(error);
}

/** What cannot be heard or said changes nothing about the run: it stays visible as a failed activity. */
function quietly(error: unknown): void {
  if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
}

import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { Again, FaultAfterSession, Interruption } from './io.ts';
import type { Io } from './io.ts';

const BEAT_MS = 5000;

/** An activity as the server names it, whatever its attempt. */
export interface ActivityKey {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

export interface Binding {
  /** Notes that this process works on an activity, so that a successor can tell the server of its death at once. Returns what removes the note. */
  claim(activity: ActivityKey): Promise<() => Promise<void>>;
  /** True while the server still wants the activity done, by an attempt other than the one it no longer knows. */
  wanted(activity: ActivityKey): Promise<boolean>;
  /** Takes secrets out of a text. */
  redact(text: string): string;
}

/**
 * Gives an activity its `Io`: heartbeats on a timer, the reason of an abort as an `Interruption`, errors without secrets, with the
 * cost of a session that had ended, in this try or an earlier one, as their first detail.
 */
export function bind<I, O>(binding: Binding, work: (input: I, io: Io) => Promise<O>): (input: I) => Promise<O> {
  return async (input) => {
    const context = Context.current();
    const { activityId, workflowExecution } = context.info;
    const key = {
      workflowId: workflowExecution?.workflowId ?? '',
      runId: workflowExecution?.runId ?? '',
      activityId,
    };
    const release = await binding.claim(key);
    const interruption = new AbortController();
    const interrupt = async (): Promise<void> => {
      const details = context.cancellationDetails;
      const superseded = onlyNotFound(details) && (await binding.wanted(key).catch(() => false));
      interruption.abort(new Interruption(superseded ? 'detach' : reactionTo(details)));
    };
    const onAbort = (): void => void interrupt();
    if (context.cancellationSignal.aborted) onAbort();
    context.cancellationSignal.addEventListener('abort', onAbort, { once: true });
    // A try that fails before it comes to the session still tells what an earlier one has seen it cost.
    let paid = paidBefore(context.info.heartbeatDetails);
    let beat: Readonly<Record<string, unknown>> = { step: 'started', ...paid };
    const timer = setInterval(() => context.heartbeat(beat), BEAT_MS);
    const progress: Io['progress'] = (step, figures) => {
      beat = { step: binding.redact(step).slice(0, 300), ...figures, ...paid };
      context.heartbeat(beat);
    };
    try {
      return await work(input, { signal: interruption.signal, progress });
    } catch (error) {
      if (context.cancellationSignal.aborted && (error instanceof Interruption || interruption.signal.aborted))
        throw context.cancellationSignal.reason;
      if (error instanceof FaultAfterSession) paid = { paid: error.spent };
      if (paid !== undefined) context.heartbeat({ ...beat, ...paid });
      throw withoutSecrets(error, { binding, paid });
    } finally {
      clearInterval(timer);
      context.cancellationSignal.removeEventListener('abort', onAbort);
      await release();
    }
  };
}

/** Either nobody waits for the activity any more, or its time was up and another attempt has it. */
function onlyNotFound(details: Context['cancellationDetails']): boolean {
  if (details === undefined) return false;
  const { notFound, cancelRequested, reset, paused, workerShutdown, timedOut } = details;
  return notFound && ![cancelRequested, reset, paused, workerShutdown, timedOut].includes(true);
}

/** A shutdown or lost heartbeats leave the work to the next attempt; paused, it goes on later; what nobody waits for any more ends. */
function reactionTo(details: Context['cancellationDetails']): Interruption['mode'] {
  if (details === undefined || details.cancelRequested) return 'stop';
  if (details.reset) return 'reset';
  if (details.paused) return 'stop';
  return details.workerShutdown || details.timedOut ? 'detach' : 'stop';
}

interface Paid {
  readonly paid: unknown;
}

function paidBefore(beat: unknown): Paid | undefined {
  return typeof beat === 'object' && beat !== null && 'paid' in beat ? { paid: beat.paid } : undefined;
}

function withoutSecrets(
  error: unknown,
  { binding: { redact }, paid }: { readonly binding: Binding; readonly paid: Paid | undefined },
): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const known = error instanceof FaultAfterSession ? error.cause : error;
  const cause = known instanceof Error ? known : new Error(String(known));
  if (cause instanceof Again) {
    const later = { nextRetryDelay: cause.afterMs, category: ApplicationFailureCategory.BENIGN };
    return ApplicationFailure.create({ type: cause.name, message: redact(cause.message), ...later });
  }
  const details = paid === undefined ? {} : { details: [paid.paid] };
  return ApplicationFailure.create({ type: cause.name, message: redact(cause.message), ...details });
}

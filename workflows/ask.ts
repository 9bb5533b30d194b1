import { ActivityFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { ReceivedAnswer } from '../domain/answer.ts';
import { commentCommands } from '../domain/commands.ts';
import { dossierSummary } from '../domain/dossier-markdown.ts';
import { dossierOf } from '../domain/dossier.ts';
import { questionNotification, subjectOf } from '../domain/notification.ts';
import type { Outcome } from '../domain/outcome.ts';
import { refusal } from '../domain/refusal.ts';
import type { Run } from '../domain/run.ts';
import { forDossier } from '../domain/slim.ts';
import { nextWake, waitingPolicy } from '../domain/waiting.ts';
import { light, telling } from './activities.ts';
import type { DeliverInput } from './contract.ts';
import type { Environments } from './environments.ts';
import { tellEach } from './tell.ts';

/** The run, what it was ordered with, and the answers that came in. */
interface Scene {
  readonly input: DeliverInput;
  readonly inbox: ReceivedAnswer[];
  readonly environments: Environments;
}

/** A notification under way: it is tried until every channel has it or it is stopped. */
interface Telling {
  readonly ended: () => boolean;
  stop(): void;
}

/** Asks a person and waits for the answer, for as long as it takes; reminds, and decides in the end, where the project says so. */
export async function ask(run: Run, { input, inbox, environments }: Scene): Promise<Outcome> {
  const { id, since, trip } = run.escalation ?? { id: 'q?', since: run.now, trip: { until: undefined } };
  const kept = run.environment?.name;
  if (kept !== undefined) await environments.keep(kept, input.project.leases.escalatedSeconds);
  const body = keepDossier(run, input);
  let told = tell(run, { input, body, reminder: 0 });
  let reminder = 0;
  let declined = false;
  const answered = (): boolean => inbox.length > 0;
  while (!answered()) {
    const wake = nextWake(waitingPolicy(run, input.project), {
      ...{ since, now: Date.now(), reminder, declined, until: trip.until },
    });
    if (wake === undefined) {
      await condition(answered);
    } else if (!(await condition(answered, Math.max(1, wake.at - Date.now())))) {
      if (wake.kind === 'remind') {
        told.stop();
        reminder = wake.reminder;
        told = tell(run, { input, body, reminder });
      } else {
        const who =
          wake.decision === 'retry' ? { by: 'the next window', channel: 'timer' } : { by: 'policy', channel: 'policy' };
        const expired = { decision: wake.decision, ...who, question: id };
        declined = refusal(run, 0, expired) !== undefined;
        if (!declined) inbox.push(expired);
      }
    }
  }
  // The answer stays in the inbox for as long as the question is open, so that a second one is refused.
  if (!told.ended()) await condition(told.ended, '10 seconds');
  told.stop();
  const [answer] = inbox.splice(0);
  return answer === undefined ? { kind: 'broken', why: 'an answer was lost' } : { kind: 'answered', answer };
}

/** Keeps the dossier and gives its short form; a dossier that cannot be kept holds nothing up. */
async function keepDossier(run: Run, { project }: DeliverInput): Promise<string> {
  const environment = project.environment.kind;
  const id = run.escalation?.id ?? '';
  const dossier = dossierOf(run, { environment });
  if (dossier === undefined) return '';
  try {
    const kept = await light.dossier.executeWithOptions({ activityId: `dossier:${id}`, summary: id }, [
      { run: forDossier(run), environment },
    ]);
    return dossierSummary(dossier, kept.place);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return dossierSummary(dossier, '');
  }
}

function tell(
  run: Run,
  {
    input,
    body,
    reminder,
  }: { readonly input: DeliverInput; readonly body: Promise<string>; readonly reminder: number },
): Telling {
  const { project, source } = input;
  const repositories = project.repositories.map(({ url }) => url);
  const subject = subjectOf(run, { origin: source.name, repositories });
  const id = run.escalation?.id ?? '';
  const scope = new CancellationScope();
  let ended = false;
  const work = scope.run(async () => {
    const replies = project.listener === undefined ? undefined : commentCommands(run);
    const notification = questionNotification(run, { subject, body: await body, reminder, replies });
    const message = reminder === 0 ? id : `${id}:reminder:${reminder}`;
    await tellEach(project.notifiers, { id: message, summary: id, notification, by: telling });
  });
  void work
    .catch(() => undefined)
    .finally(() => {
      ended = true;
    });
  return { ended: () => ended, stop: () => scope.cancel() };
}

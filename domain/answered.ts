import type { ReceivedAnswer } from './answer.ts';
import { fundsOf, raised } from './budget.ts';
import { inert } from './markdown.ts';
import type { Escalation, Run, Step } from './run.ts';
import { end } from './stop.ts';
import { oneLine } from './text.ts';

/** The run after a person's answer to its open question; without one it stays as it is. */
export function answered(before: Run, answer: ReceivedAnswer): Run {
  const { escalation } = before;
  if (escalation === null) return before;
  const record = { ...answer, question: escalation.id, at: before.now };
  const run: Run = {
    ...raised(before, answer),
    answers: [...before.answers, record],
    escalation: null,
    waited: before.waited + before.now - escalation.since,
  };
  switch (answer.decision) {
    case 'abort':
      return end(run, 'aborted', `${whoAborted(answer)}: ${escalation.trip.why}`);
    case 'accept_draft':
      return { ...run, draft: true, publishing: true, step: { at: 'publish' } };
    case 'retry':
      return { ...run, step: stepOfRetry(escalation, answer), reprovisions: 0, takeover: undefined };
    case 'replan':
      return { ...run, step: { at: 'ingest' }, reprovisions: 0, parked: undefined, takeover: undefined };
    case 'take_over':
      return { ...run, step: { at: 'hand_over', back: escalation.back } };
    case 'resume':
      return { ...run, draft: false, step: { at: 'take_back', back: escalation.back, funds: fundsOf(before) } };
    default:
      return answer.decision satisfies never;
  }
}

/** Whether the question is about work that the environment kept from being judged. */
export function isUnjudged({ trip, back }: Escalation): boolean {
  return trip.reason === 'infrastructure' && back.at === 'gate';
}

/** Such work is judged again as it is; with guidance an agent goes on from it. */
function stepOfRetry(escalation: Escalation, { guidance = '' }: ReceivedAnswer): Step {
  return isUnjudged(escalation) && guidance.trim() !== '' ? { at: 'implement' } : escalation.back;
}

function whoAborted({ channel, by }: ReceivedAnswer): string {
  if (channel === 'policy') return 'nobody answered in time';
  return by === undefined ? 'aborted' : `aborted by ${oneLine(inert(by), 60)}`;
}

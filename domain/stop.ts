import type { Ending, Run, Step, Trip } from './run.ts';

/** The run with a question to a person, who sends it back to `back` by a retry. */
export function escalate(run: Run, trip: Trip, back: Step = run.step): Run {
  const id = run.escalation?.id ?? `q${run.answers.length + 1}`;
  return { ...run, step: { at: 'escalated' }, escalation: { id, trip, back, since: run.now } };
}

/** The run at its end; `why` is one line, empty for an unqualified success. */
export function end(run: Run, ending: Ending, why: string): Run {
  return { ...run, step: { at: 'ended' }, escalation: null, ending, why };
}

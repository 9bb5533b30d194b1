import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { CORDS } from '../../../domain/agent.ts';

/** Name of the tool that pulls a cord. */
export const ANDON = 'andon';

export const ANDON_DESCRIPTION =
  'Pulls the andon cord: your session ends after this call. "human": you cannot go on without a decision or help of a person; the reason says what you need. "reprovision": the environment that the tests ran in is sick, not the code. "already_done": what the specification asks for is there already. Call it once, and only when one of these is so.';

/** The tool's arguments. */
export const andonCall = z.object({
  cord: z.enum(CORDS),
  reason: z.string().min(1).describe('What you saw, and what you need'),
});

/** Notes a pulled cord in the session's file, the first one counts; what the session is told. */
export function pull(file: string, { cord, reason }: z.infer<typeof andonCall>): string {
  appendFileSync(file, `${JSON.stringify({ cord, reason })}\n`);
  return 'Noted. End your session now with your final report.';
}

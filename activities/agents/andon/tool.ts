import { z } from 'zod';
import { CORDS } from '../../../domain/agent.ts';

/** Name of the MCP server that a session is offered, and of its tool. */
export const SERVER = 'run';
export const TOOL = 'andon';

export const DESCRIPTION =
  'Pulls the andon cord: your session ends after this call. "human": you cannot go on without a decision or help of a person; the reason says what you need. "reprovision": the environment that the tests ran in is sick, not the code. "already_done": what the specification asks for is there already. Call it once, and only when one of these is so.';

/** JSON Schema of the tool's arguments. */
export const ARGUMENTS = {
  type: 'object' as const,
  properties: {
    cord: { type: 'string', enum: CORDS },
    reason: { type: 'string', description: 'What you saw, and what you need' },
  },
  required: ['cord', 'reason'],
};

/** The tool's arguments. */
export const andonCall = z.object({ cord: z.enum(CORDS), reason: z.string().min(1) });

import type { Command } from 'commander';

/** The words of `spec-to-pr answer`, as the command line declares them. */
export const ANSWER = 'answer [id] [decision]';

/** Declares the options of `answer`. */
export function withAnswerOptions(command: Command): Command {
  return command
    .option('--guidance <text>', 'goes into the next prompt; @file reads a file')
    .option('--attempts <n>', 'further attempts')
    .option('--usd <n>', 'further budget in USD')
    .option('--tokens <n>', 'further tokens')
    .option('--minutes <n>', 'further wall-clock minutes')
    .option('--at <repository=ref...>', 'resume: a branch, tag or commit instead of what the worktree has')
    .option('--by <name>', 'who decides (default: the user)')
    .option('--question <id>', 'the question that is answered, e.g. q1');
}

import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { addUsage } from '../../../domain/prices.ts';
import type { Usage } from '../../../domain/prices.ts';
import { fields, number, text } from '../fields.ts';
import { costOf, priceOf } from '../prices.ts';
import type { Tokens } from '../prices.ts';

/** What a session has used up to its last answer. `usd` by the built-in prices; absent when one of its models has none. */
export interface Recorded {
  readonly usage: Usage;
  readonly tokens: number;
  readonly usd?: number;
}

interface Answer extends Tokens {
  readonly model: string;
}

/** Reads what the CLI records of its sessions below its configuration folder: each answer counts once, whatever repeats it. */
export async function readRecord(settings: string): Promise<Recorded> {
  const answers = new Map<string, Answer>();
  for await (const file of glob('projects/**/*.jsonl', { cwd: settings }))
    for (const line of (await readFile(path.join(settings, file), 'utf8')).split('\n')) {
      const { id, answer } = line.includes('"usage"') ? answerOf(line) : {};
      if (id !== undefined && answer !== undefined) answers.set(id, answer);
    }
  return [...answers.values()].reduce<Recorded>(added, {
    usage: { input: 0, output: 0, cached: 0 },
    tokens: 0,
    usd: 0,
  });
}

function added({ usage, tokens, usd }: Recorded, { model, ...answer }: Answer): Recorded {
  const { input, output, cacheRead, cacheWrite } = answer;
  const price = priceOf(model);
  return {
    usage: addUsage(usage, { input: input + cacheWrite, output, cached: cacheRead, model }),
    tokens: tokens + input + output + cacheRead + cacheWrite,
    ...(usd === undefined || price === undefined ? {} : { usd: usd + costOf(answer, price) }),
  };
}

/** An answer of the model in the record; the last line of one that is being written is none yet. */
function answerOf(line: string): { id?: string; answer?: Answer } {
  try {
    const { id, model, usage } = fields(fields(JSON.parse(line))['message']);
    const told = fields(usage);
    // The CLI's own notes look like answers of the model `<synthetic>`.
    if (typeof id !== 'string' || told['output_tokens'] === undefined || model === '<synthetic>') return {};
    const answer = {
      model: text(model),
      input: number(told['input_tokens']),
      output: number(told['output_tokens']),
      cacheRead: number(told['cache_read_input_tokens']),
      cacheWrite: number(told['cache_creation_input_tokens']),
    };
    return { id, answer };
  } catch {
    return {};
  }
}

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Turn } from '../../support/model/server.ts';
import { careful, sessionAs, stageOf } from '../../support/cast.ts';
import type { Words } from './words.ts';

const SERVER = path.resolve(import.meta.dirname, '../../../activities/agents/tools/server.ts');
/** Tells the server to note nothing. */
const NOWHERE = JSON.stringify({ files: { cords: '/dev/null', asked: '/dev/null', answered: '/dev/null' } });

/** A line of `sdk_config` that gives a session an MCP server `notes` with a tool `andon`. */
export const NOTES = `mcp_servers: { notes: ${JSON.stringify({ command: process.execPath, args: [SERVER, NOWHERE] })} }`;

/** What came of a session. */
export interface Seen {
  readonly end: string;
  readonly wrote: boolean;
  /** The body of the first request that holds the prompt. */
  readonly body: string;
}

/** One session in which the model writes a file and reports; the repository has both files of rules. */
export async function seen(name: string, words: Words, lines: readonly string[]): Promise<Seen> {
  const cli = path.resolve(import.meta.dirname, `../../agents/node_modules/.bin/${words.cli}`);
  if (words.cli !== undefined && !existsSync(cli))
    throw new Error('the agent CLIs are not installed: run `npm test`, or `npm ci` in tests/agents');
  let work = '';
  const turnOf = (turn: number): Turn => {
    if (turn === 0) return words.write(path.join(work, 'hello.txt'), 'hello\n');
    return turn === 1 ? words.report({ status: 'done', summary: 'all done' }) : { text: 'bye' };
  };
  const model = await words.serve(turnOf);
  try {
    const files = {
      '.claude/agents/careful.md': careful(lines, 'THE BODY'),
      'AGENTS.md': 'RULE-A\n',
      'CLAUDE.md': 'RULE-C\n',
    };
    const stage = await stageOf({ api: files }, words.environment(model.url, []));
    work = path.join(stage.folder, 'work');
    const options = { ...(words.cli === undefined ? {} : { command: cli }), ...words.options };
    const agent = { name, ...(words.model === undefined ? {} : { model: words.model }), options };
    const { report } = await sessionAs(stage, { agent });
    const bodies = model.requests.map((request) => JSON.stringify(request));
    const body = bodies.find((one) => one.includes('Write a greeting.')) ?? '';
    return { end: report.end, wrote: existsSync(path.join(work, 'hello.txt')), body };
  } finally {
    await model.stop();
  }
}

/** How often a part stands in a text. */
export const times = (text: string, part: string): number => text.split(part).length - 1;

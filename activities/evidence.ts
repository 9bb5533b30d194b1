import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Claim, Evidence, Hypothesis } from '../domain/diagnosis.ts';
import { head, oneLine } from '../domain/text.ts';

interface Scene {
  readonly attempt: number;
  /** The text that a source had before the session, nothing when it is no file of its. */
  read(source: string): Promise<string | undefined>;
  /** JSON lines of the session. */
  readonly transcript: string;
}

const MAX_BYTES = 16 * 1024 * 1024;
const LEAST_QUOTE = 8;
/** Events of a transcript that hold what a command printed, and not what the agent says. */
const PRINTED = ['tool_result', 'output'];
/** Those that hold the command itself. A result without an id belongs to the last of them. */
const ASKED = ['tool', 'command'];

/** Claims as hypotheses: open where at least one quote really stands in its source, else unproven, with the reason. */
export async function weigh(claims: readonly Claim[], scene: Scene): Promise<readonly Hypothesis[]> {
  return Promise.all(
    claims.map(async (given, index): Promise<Hypothesis> => {
      const evidence = given.evidence
        .slice(0, 8)
        .map(({ source, quote }) => ({ source: oneLine(source), quote: head(quote, 1000) }));
      const found = await Promise.all(evidence.map((one) => stands(one, scene)));
      const proven = evidence.filter((_, at) => found[at]);
      return {
        id: `h${scene.attempt}.${index + 1}`,
        claim: oneLine(given.claim, 500),
        kind: given.kind,
        proposal: head(given.proposal, 1000),
        evidence: proven.length > 0 ? proven : evidence,
        ...(proven.length > 0
          ? { standing: 'open' as const, why: `${proven.length} of ${evidence.length} quotes found` }
          : { standing: 'unproven' as const, why: evidence.length === 0 ? 'it cites nothing' : 'no quote was found' }),
      };
    }),
  );
}

async function stands({ source, quote }: Evidence, { read, transcript }: Scene): Promise<boolean> {
  const wanted = plain(quote);
  if (wanted.length < LEAST_QUOTE) return false;
  const text = await read(source.replace(/(:\d+){1,2}$/, ''));
  return text === undefined ? wasPrinted(transcript, wanted) : plain(text).includes(wanted);
}

async function wasPrinted(transcript: string, wanted: string): Promise<boolean> {
  const lines = createInterface({ input: createReadStream(transcript, { end: MAX_BYTES }) });
  const asked = new Map<unknown, string>();
  for await (const line of lines) {
    const event = eventOf(line);
    const { type, id } = event;
    if (ASKED.includes(String(type))) asked.set(id, plain(JSON.stringify(event)));
    if (!PRINTED.includes(String(type)) || !plain(String(event['text'])).includes(wanted)) continue;
    // What the agent itself had said in the command proves nothing.
    if (asked.get(id)?.includes(plain(JSON.stringify(wanted).slice(1, -1))) !== true) return true;
  }
  return false;
}

/** The last line that fits may be cut. */
function eventOf(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** White space apart, so that a quote may be wrapped or cut from a column. */
function plain(text: string): string {
  return text.replace(/\s+/g, '');
}

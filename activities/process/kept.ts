import { StringDecoder } from 'node:string_decoder';

/** A text that may have lost its middle: all of it is `head` and then `tail` while `cut`, the bytes left out between them, is 0. */
export interface CutText {
  readonly head: string;
  readonly cut: number;
  readonly tail: string;
}

/** The text as one; where something was left out a line says how much. */
export function joined({ head, cut, tail }: CutText): string {
  return cut === 0 ? head + tail : `${head}\n[${cut} bytes left out here]\n${tail}`;
}

/** The same text in at most `maxBytes`, a quarter of them for its start, the rest for its end. */
export function shortened({ head, cut, tail }: CutText, maxBytes: number): CutText {
  if (cut === 0) return keptOf(Buffer.from(head + tail), maxBytes);
  const [first, last] = [Buffer.from(head), Buffer.from(tail)];
  const start = upToCharacter(first.subarray(0, Math.floor(maxBytes / 4)));
  const end = fromCharacter(last.subarray(Math.max(0, last.length - (maxBytes - Math.floor(maxBytes / 4)))));
  const kept = Buffer.byteLength(start) + Buffer.byteLength(end);
  return { head: start, cut: cut + first.length + last.length - kept, tail: end };
}

function keptOf(bytes: Buffer, maxBytes: number): CutText {
  const kept = keeper(maxBytes);
  kept.add(bytes);
  return kept.parts();
}

/** Takes bytes as they come and keeps the first quarter and the last three of a limit: what a talkative command costs is bounded. */
export interface Kept {
  add(bytes: Buffer): void;
  /** What was kept. */
  parts(): CutText;
  /** `parts` as one text. */
  text(): string;
  /** Bytes that were left out so far. */
  cut(): number;
}

const FIRST_BYTES = 64 * 1024;

/** Keeps at most `maxBytes`, in as much memory as that takes. */
export function keeper(maxBytes: number): Kept {
  const headBytes = Math.floor(maxBytes / 4);
  const head = ring(headBytes);
  const tail = ring(maxBytes - headBytes);
  const parts = (): CutText => {
    const cut = tail.dropped();
    if (cut === 0) return { head: Buffer.concat([head.bytes(), tail.bytes()]).toString('utf8'), cut, tail: '' };
    return { head: upToCharacter(head.bytes()), cut, tail: fromCharacter(tail.bytes()) };
  };
  return {
    add: (bytes) => {
      const rest = Math.min(bytes.length, headBytes - head.heard());
      head.add(bytes.subarray(0, rest));
      tail.add(bytes.subarray(rest));
    },
    parts,
    text: () => joined(parts()),
    cut: () => tail.dropped(),
  };
}

interface Ring {
  add(bytes: Buffer): void;
  bytes(): Buffer;
  heard(): number;
  dropped(): number;
}

/** The last `maxBytes` of what was added. */
function ring(maxBytes: number): Ring {
  let store = Buffer.alloc(Math.min(FIRST_BYTES, maxBytes));
  let total = 0;
  const grow = (wanted: number): void => {
    const larger = Buffer.alloc(Math.min(maxBytes, Math.max(wanted, 2 * store.length)));
    store.copy(larger);
    store = larger;
  };
  return {
    add: (bytes) => {
      if (total + bytes.length > store.length && store.length < maxBytes) grow(total + bytes.length);
      const last = bytes.subarray(Math.max(0, bytes.length - store.length));
      const at = store.length === 0 ? 0 : (total + bytes.length - last.length) % store.length;
      const fits = last.copy(store, at);
      last.copy(store, 0, fits);
      total += bytes.length;
    },
    bytes: () => {
      if (total <= store.length) return store.subarray(0, total);
      const at = total % store.length;
      return Buffer.concat([store.subarray(at), store.subarray(0, at)]);
    },
    heard: () => total,
    dropped: () => Math.max(0, total - maxBytes),
  };
}

// Neither part shows half of a character.
const upToCharacter = (bytes: Buffer): string => new StringDecoder('utf8').write(bytes);

function fromCharacter(bytes: Buffer): string {
  const start = bytes.subarray(0, 4).findIndex((byte) => byte < 0x80 || byte >= 0xc0);
  return bytes.subarray(Math.max(0, start)).toString('utf8');
}

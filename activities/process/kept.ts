import { StringDecoder } from 'node:string_decoder';

/** Takes bytes as they come and keeps the first quarter and the last three of a limit: what a talkative command costs is bounded. */
export interface Kept {
  add(bytes: Buffer): void;
  /** What was kept; between the two parts a line says how much was left out. */
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
  return {
    add: (bytes) => {
      const rest = Math.min(bytes.length, headBytes - head.heard());
      head.add(bytes.subarray(0, rest));
      tail.add(bytes.subarray(rest));
    },
    text: () => {
      const dropped = tail.dropped();
      if (dropped === 0) return Buffer.concat([head.bytes(), tail.bytes()]).toString('utf8');
      return `${upToCharacter(head.bytes())}\n[${dropped} bytes left out here]\n${fromCharacter(tail.bytes())}`;
    },
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

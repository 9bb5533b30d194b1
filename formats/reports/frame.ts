const MAX_LINE = 500;
const MAX_LINES = 200;
const FOREIGN = /node_modules|node:|internal\/|site-packages|\/lib\/python\d/;
const PLACE = /(?:file:\/\/)?([\w@./+-]{1,300}\.[A-Za-z]\w{0,5}:\d+)/;

/** `file:line` of the first frame that is neither of a dependency nor of the runtime; empty when there is none. */
export function ownFrame(stack: string): string {
  for (const line of stack.split('\n', MAX_LINES)) {
    const short = line.slice(0, MAX_LINE);
    const [, place] = FOREIGN.test(short) ? [] : (PLACE.exec(short) ?? []);
    if (place !== undefined) return place;
  }
  return '';
}

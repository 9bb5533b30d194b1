import { SaxesParser } from 'saxes';

/** An element of a document. `text` is that of the element itself, trimmed. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parts: string[];
  readonly children: XmlElement[];
}

// What runners write that no XML may hold: control characters of a terminal, entities of HTML, an attribute twice.
const HARMLESS = /disallowed character|undefined entity|entity name|malformed character entity|duplicate attribute/;

/** Reads a document in one pass and gives its root. Throws on what is no XML or is cut off. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser({ position: false, xmlns: false } as const);
  const stack: Open[] = [{ name: '', attributes: {}, parts: [], children: [] }];
  const say = (part: string): void => void stack.at(-1)?.parts.push(part);
  parser.on('error', (error) => {
    if (!HARMLESS.test(error.message)) throw error;
  });
  parser.on('opentag', ({ name, attributes }) => stack.push({ name, attributes, parts: [], children: [] }));
  parser.on('closetag', () => {
    const closed = stack.pop();
    if (closed === undefined) return;
    const { parts, ...rest } = closed;
    stack.at(-1)?.children.push({ ...rest, text: parts.join('').trim() });
  });
  parser.on('text', say);
  parser.on('cdata', say);
  parser.write(text).close();
  const root = stack[0]?.children[0];
  if (root === undefined) throw new SyntaxError('the document has no element');
  return root;
}

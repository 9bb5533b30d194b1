import { oneLine } from '../domain/text.ts';

interface Line {
  readonly text: string;
  readonly fenced: boolean;
}

function linesOf(markdown: string): readonly Line[] {
  let fence = '';
  return markdown.split('\n').map((text) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(text)?.[1] ?? '';
    if (fence === '' && mark !== '') {
      fence = mark;
      return { text, fenced: true };
    }
    const fenced = fence !== '';
    if (fenced && mark.startsWith(fence) && text.trim() === mark) fence = '';
    return { text, fenced };
  });
}

/** The first `# ` heading outside of code fences, else the first line of text. */
export function headingOf(markdown: string): string {
  const lines = linesOf(markdown);
  const heading = lines.find(({ text, fenced }) => !fenced && /^# +\S/.test(text));
  const first = heading ?? lines.find(({ text }) => text.trim() !== '');
  return oneLine((first?.text ?? '').replace(/^#+ +/, ''), 200);
}

/** Items of the lists in the section whose heading matches, with continuation lines joined and checkboxes taken off. */
export function listUnder(markdown: string, heading: RegExp): readonly string[] {
  const items: string[] = [];
  let inside = false;
  for (const { text, fenced } of linesOf(markdown)) {
    const title = fenced ? undefined : /^#{1,6} +(.*?) *#*$/.exec(text)?.[1];
    if (title !== undefined) inside = heading.test(title.replace(/:$/, '').trim());
    else if (inside) collect(items, text);
  }
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

function collect(items: string[], text: string): void {
  const item = /^ {0,3}(?:[-*+]|\d+[.)]) +(?:\[[ xX]\] +)?(.*)$/.exec(text)?.[1];
  if (item !== undefined) items.push(item);
  else if (/^\s+\S/.test(text) && items.length > 0) items[items.length - 1] += ` ${text.trim()}`;
}

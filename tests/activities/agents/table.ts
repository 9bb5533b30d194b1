import { candidates } from './candidates.ts';
import { CASES, TREATMENTS } from './cases.ts';
import type { Candidate, Case, CaseName, Treatment } from './cases.ts';

const BEGIN = '<!-- agents table: begin (node scripts/agents-table.ts) -->';
const END = '<!-- agents table: end -->';

/** The given page with the table of what each agent was shown to do between its two marks. Throws when it has no marks. */
export function withTable(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('the page has no marks for the table');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table().join('\n')}\n\n${page.slice(end)}`;
}

/** A row for each case of the contract, a column for each agent. Reasons stand below, by number. */
function table(): readonly string[] {
  const reasons: string[] = [];
  const cell = (candidate: Candidate, name: CaseName): string => {
    const reason = candidate.lacks[name];
    const end = candidate.otherwise?.[name];
    if (reason === undefined) return end === undefined ? 'yes' : `as \`${end}\``;
    if (!reasons.includes(reason)) reasons.push(reason);
    return `no (${reasons.indexOf(reason) + 1})`;
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = caseNames().map((name) => line([name, endOf(name), ...candidates.map((one) => cell(one, name))]));
  const head = ['case', 'ends as', ...candidates.map(({ name }) => `\`${name}\``)];
  return [line(head), line(head.map(() => '---')), ...rows, '', ...reasons.map((text, at) => `${at + 1}. ${text}`)];
}

/** All cases, in the order in which they are shown. */
export function caseNames(): readonly CaseName[] {
  return Object.keys({ ...CASES, ...TREATMENTS }) as CaseName[];
}

function endOf(name: CaseName): string {
  const cases: Readonly<Record<string, Pick<Case, 'ends'>>> = CASES;
  const treatments: Readonly<Record<string, (typeof TREATMENTS)[Treatment]>> = TREATMENTS;
  const treatment = treatments[name];
  if (treatment === undefined) return `\`${cases[name]?.ends.end ?? ''}\``;
  return `${treatment.ends.map((end) => `\`${end}\``).join(' or ')}: ${treatment.told}`;
}

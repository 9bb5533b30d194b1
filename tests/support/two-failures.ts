import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { Project } from '../../domain/project.ts';
import { artifactsOf, promptOf, sessionsOf, shop } from './whole-runs.ts';
import type { Stage } from './whole-runs.ts';

/** The first work fails three end-to-end tests, the second another one, the third none. */
const SCRIPT = `attempts:
  - steps:
      - copy: { from: attempts/1/api, to: api }
      - copy: { from: attempts/1/web, to: web }
      - replace: { file: web/src/server.js, find: 'await (await fetch(\`\${api}/products\`)).json()', with: '[]' }
      - replace: { file: api/src/server.js, find: 'createServer(async (request, response) => {', with: 'createServer(async (request, response) => { console.log(request.method, request.url);' }
      - replace: { file: api/src/server.js, find: 'if (process.argv[1]', with: 'console.log("has booted"); if (process.argv[1]' }
      - say: Everything works for me.
  - steps:
      - copy: { from: attempts/2/api, to: api }
      - replace: { file: web/src/server.js, find: 'catalogue([])', with: 'catalogue(await (await fetch(\`\${api}/products\`)).json())' }
      - replace: { file: web/src/server.js, find: 'html(response, status, problem(value.error))', with: 'html(response, value.error.includes("card") ? 200 : status, problem(value.error))' }
      - say: Cents it is.
  - steps:
      - replace: { file: web/src/server.js, find: 'value.error.includes("card") ? 200 : status', with: status }
diagnoses:
  - steps:
      - inspect: { service: api, command: [grep, -nw, GIFT-10, src/gift-cards.js] }
      - inspect: { service: api, command: [rm, src/gift-cards.js] }
      - hypothesis: { claim: The second line is wrong, kind: bug, proposal: Look at it, evidence: [{ source: inspect/1, quote: "2:const cards = { 'GIFT-10': 10," }] }
      - hypothesis: { claim: It was never there, kind: bug, proposal: Guess, evidence: [{ source: inspect/2, quote: "2:const cards = { 'GIFT-10': 10," }] }
      - hypothesis: { claim: The service counts in dollars, kind: bug, proposal: Count in cents, evidence: [{ source: evidence/api.diff, quote: "'GIFT-10': 10," }] }
  - steps:
      - hypothesis: { claim: A refused card is shown as success, kind: bug, proposal: Keep the status, evidence: [{ source: evidence/web.diff, quote: '? 200 : status' }] }
`;

const FIRST = [
  'the catalogue shows what the service sells',
  'a gift card pays its value',
  'a gift card that is worth more than the basket pays the basket',
];
const SECOND = 'an unknown gift card is explained';

/** Where the shop is brought up. */
export interface Place {
  /** Begins the titles. */
  readonly by: string;
  /** Changes of the project, in the folder that all work items of the file have one in. */
  changes(root: string): Promise<Partial<Project>>;
  /** Seconds that the run may take. */
  readonly seconds: number;
}

/** What a run of the two-repository example holds whose candidate fails end to end twice for different reasons. */
export function failsTwice(stage: Stage, { by, changes, seconds }: Place): void {
  test(
    `${by}: two different end-to-end failures in two repositories, and the third attempt passes knowing both`,
    async () => {
      const { project, text } = await shop(stage, 'twice', { script: SCRIPT, changes: await changes(stage.root) });
      const handle = await stage.product.start({ project, text, workId: 'TWICE' });
      const run = await handle.result();
      expect([run.ending, run.why, await sessionsOf(stage, 'TWICE')]).toEqual([
        ...['completed', ''],
        ['diagnose-1', 'diagnose-2', 'implement-1', 'implement-2', 'implement-3'],
      ]);
      const gates = run.attempts.flatMap((attempt) => attempt.gates.filter(({ gate }) => gate === 'e2e'));
      expect(gates.map(({ result, tests }) => [result, tests])).toEqual([
        ['failed', { passed: 4, failed: 3, total: 7 }],
        ['failed', { passed: 6, failed: 1, total: 7 }],
        ['passed', { passed: 7, failed: 0, total: 7 }],
      ]);
      expect(new Set(gates.map(({ fingerprint }) => fingerprint)).size).toBe(3);
      expect(run.pullRequests.map(({ repository, headSha }) => [repository, headSha])).toEqual(
        ['api', 'web'].map((key) => [key, gates[2]?.commits[key]]),
      );
    },
    seconds * 1000,
  );

  test(`${by}: a debugger looks into the environment that failed, where nothing but reading is done, and cites what it saw there`, async () => {
    const { attempts } = await stage.product.settled('TWICE');
    expect(attempts[0]?.diagnosis?.hypotheses.map(({ claim, why }) => [claim, why])).toEqual([
      ['The second line is wrong', 'attempt 2 acted on it and what failed passes'],
      ['It was never there', 'no quote was found'],
      ['The service counts in dollars', 'attempt 2 acted on it and what failed passes'],
    ]);
    const record = path.join(await artifactsOf(stage, 'TWICE'), 'diagnose-1', 'inspections.jsonl');
    const lines = (await readFile(record, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line): { text: string } => JSON.parse(line)).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^inspect\/1: grep -nw GIFT-10 src\/gift-cards\.js in api, exit code 0\n2:const cards = /),
      expect.stringMatching(/^Refused: "rm" is not known to only read here: /),
    ]);
    expect(await promptOf(stage, 'TWICE', 'diagnose-1')).toContain('The tool `inspect` of the server `run`');
  });

  test(`${by}: the logs of a failed suite are those of its time`, async () => {
    const log = await readFile(path.join(await artifactsOf(stage, 'TWICE'), 'attempt-1', 'e2e', 'api.log'), 'utf8');
    expect(log).toMatch(/^-- from 20[^ ]+Z to 20[^ ]+Z --\n/);
    expect([log.includes('POST /quote'), log.includes('has booted')]).toEqual([true, false]);
    expect(await promptOf(stage, 'TWICE', 'implement-2')).toContain('POST /quote');
  });

  test(`${by}: the prompt of each attempt holds what all attempts before it showed, the newest first`, async () => {
    const second = await promptOf(stage, 'TWICE', 'implement-2');
    const ofFirst = [...FIRST, 'Everything works for me.', 'Gift card -\\$10\\.00', '== log of web', 'Count in cents'];
    for (const part of ['attempt 2 of 3', ...ofFirst]) expect(second).toContain(part);
    expect(second).not.toContain('### Attempt 2');
    const third = await promptOf(stage, 'TWICE', 'implement-3');
    const ofSecond = [SECOND, 'Cents it is.', '422', 'Keep the status', 'Confirmed by the next attempt'];
    for (const part of ['attempt 3 of 3', ...ofFirst.slice(0, -1), ...ofSecond]) expect(third).toContain(part);
    const [newest = '', oldest = ''] = third.slice(third.indexOf('### Attempt 2')).split('### Attempt 1');
    expect([newest.includes(SECOND), oldest.includes('The service counts in dollars')]).toEqual([true, true]);
    for (const name of FIRST) expect(oldest).toContain(name);
  });
}

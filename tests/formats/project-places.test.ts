import { expect, test } from '@jest/globals';
import { parseProject } from '../../formats/project.ts';

const MINIMAL = `project: shop
repositories:
  api:
    url: ./api.git
    checks: { unit: npm test }
`;

function problems(text: string): readonly string[] {
  try {
    parseProject({ text, name: 'p', directory: '/srv/shop' });
    return [];
  } catch (error) {
    return String(error)
      .split('\n')
      .map((line) => line.replace(/^(ProjectInvalid: )?p: /, ''));
  }
}

test.each<[string, string, string]>([
  ['a key of the top in a section', 'limits: { project: x }', 'in "limits": it belongs at the top of the file'],
  ['a key of a section at the top', 'attempts: 5', ': it belongs in "limits"'],
  ['a key of every repository at the top', 'health: /up', ': it belongs in "environment" or in "repositories.<name>"'],
  [
    'a key in a list',
    'notify: [{ channel: log, decide: abort }]',
    'in "notify.0": it belongs in "waiting" or in "waiting.gates.<name>"',
  ],
  [
    'a key of another kind',
    'environment: { kind: process, chart: x }',
    'in "environment": it does not go with what else is there',
  ],
])('the refusal of %s tells where it belongs', (_what, line, told) => {
  const [key] = /project|attempts|health|decide|chart/.exec(line) ?? [''];
  const said = told.startsWith(':') ? told : ` ${told}`;
  expect(problems(`${MINIMAL}${line}\n`)).toContain(`line 6: unknown key "${key}"${said}`);
});

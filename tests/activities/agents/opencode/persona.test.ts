import { expect, test } from '@jest/globals';
import { NOTES, seen, times } from '../seen.ts';
import { opencode } from '../words.ts';

test('opencode hears its persona and every rule once, with the persona’s model and the tools of its server', async () => {
  const { end, wrote, body } = await seen('opencode', opencode, ['model: another', `sdk_config: { ${NOTES} }`]);
  expect([end, wrote]).toEqual(['done', true]);
  const heard = ['Your role: careful', 'Takes small steps', 'THE BODY', 'RULE-A', 'RULE-C'];
  expect(heard.map((part) => [part, times(body, part)])).toEqual(heard.map((part) => [part, 1]));
  expect(body).toContain('"model":"another"');
  expect(body).toContain('notes_andon');
});

test('the constraint "no code" leaves opencode without a way to write the file by its tool', async () => {
  const { end, wrote } = await seen('opencode', opencode, ['constraints: [No code]']);
  expect([end, wrote]).toEqual(['done', false]);
});

import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { scene } from './scene.ts';

/** JUnit XML of a failed test, and one that passed, with these attachments. */
const junit = (failed: readonly string[], passed: readonly string[] = []): string => {
  const marks = (files: readonly string[]): string => files.map((file) => `[[ATTACHMENT|${file}]]\n`).join('');
  return `<testsuite><testcase name="a"><system-out>${marks(failed)}</system-out><failure message="no"/></testcase><testcase name="b"><system-out>${marks(passed)}</system-out></testcase></testsuite>`;
};
const REPORT = 'reports/unit.xml';
const command = { run: `mkdir -p reports && cp report.txt ${REPORT}; exit 1`, reports: [REPORT] };

test("what a failed test left is kept byte for byte, a passed test's is not", async () => {
  const { run, keep } = await scene({
    'report.txt': junit(['../shots/a.png', '../shots/a.png', './trace.zip'], ['../shots/b.png']),
    'shots/a.png': '\u0089PNG',
    'shots/b.png': 'b',
    'reports/trace.zip': 'zip',
  });
  const { files } = await run(command);
  expect(files.map((file) => path.relative(keep, file))).toEqual([
    'api-unit.log',
    'api-unit-reports-unit.xml',
    'api-unit-attachment-1-a.png',
    'api-unit-attachment-2-trace.zip',
  ]);
  expect(await readFile(files[2] ?? '', 'utf8')).toBe('\u0089PNG');
});

test('a file outside of the worktree, a link to one, a folder, and one that is not there are left out', async () => {
  const { run, folder, directory } = await scene({ 'shots/in.png': 'in' });
  const secret = path.join(folder, 'secret.txt');
  await writeFile(secret, 'secret');
  await symlink(secret, path.join(directory, 'shots', 'link.png'));
  const names = [secret, '../../secret.txt', '../shots/link.png', '../shots', '../gone.png', '', '../shots/in.png'];
  await writeFile(path.join(directory, 'report.txt'), junit(names));
  const { files } = await run(command);
  expect(files.map((file) => path.basename(file)).slice(2)).toEqual(['api-unit-attachment-1-in.png']);
});

test('what is too large is left out, and twenty files are enough', async () => {
  const { run, directory } = await scene();
  await mkdir(path.join(directory, 'shots'));
  const names = Array.from({ length: 25 }, (_, index) => `../shots/${index}.png`);
  for (const [index] of names.entries()) await writeFile(path.join(directory, 'shots', `${index}.png`), 'x');
  await truncate(path.join(directory, 'shots', '0.png'), 10 * 1024 * 1024 + 1);
  await writeFile(path.join(directory, 'report.txt'), junit(names));
  const kept = (await run(command)).files.slice(2).map((file) => path.basename(file));
  expect(kept).toEqual(Array.from({ length: 20 }, (_, index) => `api-unit-attachment-${index + 1}-${index + 1}.png`));
});

test('together attachments stay below fifty megabytes', async () => {
  const { run, directory } = await scene();
  await mkdir(path.join(directory, 'shots'));
  const names = Array.from({ length: 7 }, (_, index) => `../shots/${index}.webm`);
  for (const [index] of names.entries()) {
    const file = path.join(directory, 'shots', `${index}.webm`);
    await writeFile(file, '');
    await truncate(file, 9 * 1024 * 1024);
  }
  await writeFile(path.join(directory, 'report.txt'), junit(names));
  expect((await run(command)).files).toHaveLength(2 + 5);
});

test('a text is kept without secrets, anything else as it is', async () => {
  const { run, directory } = await scene({ 'report.txt': junit(['../a.md', '../a.png']), 'a.md': 'key: s3cret' });
  const picture = Buffer.from([0x89, 0x50, ...Buffer.from('s3cret'), 0]);
  await writeFile(path.join(directory, 'a.png'), picture);
  const { files } = await run({ ...command, redact: (text) => text.replaceAll('s3cret', '***') });
  expect(await readFile(files[2] ?? '', 'utf8')).toBe('key: ***');
  expect(await readFile(files[3] ?? '')).toEqual(picture);
});

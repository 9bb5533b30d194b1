import { chmod, readFile, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { notify } from '../../../activities/notify.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { notificationOf, workerWith } from './scene.ts';

const PROGRAM = platform() === 'darwin' ? 'osascript' : 'notify-send';
const notifier = { name: 'desktop', options: {} };

/** A folder with a program of the desktop's name that writes down its arguments, the last one on lines of its own, and ends with `code`. */
async function desktopWith(code: number) {
  const folder = await temporaryFolder();
  const file = path.join(folder, PROGRAM);
  await writeFile(
    file,
    `#!/bin/sh\nfor last; do :; done\necho "$last" >> "${folder}/shown"\necho "no bus" >&2\nexit ${code}\n`,
  );
  await chmod(file, 0o755);
  return { path: folder, shown: () => readFile(path.join(folder, 'shown'), 'utf8') };
}

test('a notification is shown once, without markup, with the command that tells more', async () => {
  const desktop = await desktopWith(0);
  const ports = await workerWith({ PATH: desktop.path });
  const notification = notificationOf({ title: '-i /etc/passwd <b>GH-1</b>' });
  await notify(ports, { notifier, notification });
  await notify(ports, { notifier, notification });
  const title = PROGRAM === 'osascript' ? '<b>GH-1</b>' : '&lt;b&gt;GH-1&lt;/b&gt;';
  expect(await desktop.shown()).toBe(`-i /etc/passwd ${title}\nspec-to-pr status GH-1\n`);
});

test('a desktop that cannot show it, and a machine without one, are told apart', async () => {
  const broken = await workerWith({ PATH: (await desktopWith(1)).path });
  await expect(notify(broken, { notifier, notification: notificationOf() })).rejects.toMatchObject({
    name: 'ChannelFailed',
    message: `${PROGRAM} could not show the notification: no bus`,
  });
  const bare = await workerWith({ PATH: await temporaryFolder() });
  await expect(notify(bare, { notifier, notification: notificationOf() })).rejects.toMatchObject({
    name: 'ChannelFailed',
    message: `the worker's machine has no ${PROGRAM}: install it or take "desktop" out of "notify"`,
  });
});

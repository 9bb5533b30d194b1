import { platform } from 'node:os';
import { execa } from 'execa';
import { oneLine } from '../../domain/text.ts';
import { ChannelFailed } from './errors.ts';
import type { Notification, Notifier, NotifierConfig } from './index.ts';
import { once } from './once.ts';

const TIMEOUT_MS = 10_000;
const SCRIPT = 'on run argv\ndisplay notification (item 2 of argv) with title (item 1 of argv)\nend run';

/** Shows each notification once on the desktop of the worker's machine, by `notify-send` or, on macOS, `osascript`. */
export function desktop(config: NotifierConfig): Notifier {
  return {
    notify: (notification) => once(config, { channel: 'desktop', notification }, () => show(config, notification)),
  };
}

async function show({ environment }: NotifierConfig, { title, kind, subject }: Notification): Promise<void> {
  const hint = kind === 'ended' ? '' : `\nspec-to-pr status ${subject.workId}`;
  const text = `${oneLine(title, 300)}${hint}`;
  const [program, args] =
    platform() === 'darwin'
      ? ['osascript', ['-e', SCRIPT, 'spec-to-pr', text]]
      : ['notify-send', ['--app-name=spec-to-pr', '--', 'spec-to-pr', escape(text)]];
  const result = await execa(program, args, {
    env: environment,
    extendEnv: false,
    reject: false,
    timeout: TIMEOUT_MS,
    stdin: 'ignore',
  });
  if (result.code === 'ENOENT')
    throw new ChannelFailed(`the worker's machine has no ${program}: install it or take "desktop" out of "notify"`);
  if (result.failed)
    throw new ChannelFailed(
      `${program} could not show the notification: ${oneLine(result.stderr, 200) || 'no answer'}`,
    );
}

// Notification servers read a subset of HTML; source: the Desktop Notifications Specification on markup.
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

import { createHash } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ChannelFailed } from './errors.ts';
import type { Notification, NotifierConfig } from './index.ts';

/** A notification's key in a shape that fits headers, file names and message ids. */
export const idOf = ({ key }: Pick<Notification, 'key'>): string =>
  `msg_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;

/** Delivers unless this host has delivered it on this channel before; what fails is not remembered. */
export async function once(
  { stateHome }: NotifierConfig,
  { channel, notification }: { readonly channel: string; readonly notification: Notification },
  deliver: () => Promise<void>,
): Promise<void> {
  const folder = path.join(stateHome, 'notified', channel);
  const mark = path.join(folder, idOf(notification));
  const told = await access(mark).then(
    () => true,
    () => false,
  );
  if (told) return;
  await deliver();
  await mkdir(folder, { recursive: true });
  await writeFile(mark, '');
}

/** The value of a variable that a channel cannot do without. Throws ChannelFailed naming it. */
export function needed(config: NotifierConfig, name: string): string {
  const value = config.secret(name);
  if (value === undefined || value === '')
    throw new ChannelFailed(`the worker has no $${name}: set it and start it again`);
  return value;
}

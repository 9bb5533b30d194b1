import { appendFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Notifier, NotifierConfig } from './index.ts';

/** Appends each notification once, as a JSON line, to `notifications.jsonl` in the state folder. */
export function log({ stateHome }: NotifierConfig): Notifier {
  const file = path.join(stateHome, 'notifications.jsonl');
  return {
    notify: async (notification) => {
      await mkdir(stateHome, { recursive: true });
      const written = await readFile(file, 'utf8').catch(() => '');
      if (written.includes(`{"key":${JSON.stringify(notification.key)},`)) return;
      const { key, ...rest } = notification;
      await appendFile(file, `${JSON.stringify({ key, ...rest })}\n`);
    },
  };
}

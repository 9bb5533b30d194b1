import { readFile } from 'node:fs/promises';
import { execa } from 'execa';

/** The pid of a process's parent; nothing for one that is gone. */
export async function parentOf(pid: number): Promise<number | undefined> {
  if (process.platform !== 'linux') {
    const { stdout } = await execa('ps', ['-o', 'ppid=', '-p', String(pid)], { reject: false });
    return Number.parseInt(stdout, 10) || undefined;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || undefined;
}

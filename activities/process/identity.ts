import { readFile, readdir } from 'node:fs/promises';
import { execa } from 'execa';

/** When a process started, in the system's own notation: with the pid it names a process for good. Nothing for one that is dead or a zombie. */
export async function startTimeOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return listed(pid);
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Of a process that is ending the other threads may still hold its ports and files.
    const ended = fields[0] === 'X' || (fields[0] === 'Z' && (await readdir(`/proc/${pid}/task`)).length < 2);
    return ended ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

async function listed(pid: number): Promise<string | undefined> {
  const { stdout, exitCode } = await execa('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { reject: false });
  const [, state, started] = /^(\S+)\s+(.*)$/.exec(stdout.trim()) ?? [];
  return exitCode === 0 && state !== undefined && !state.startsWith('Z') ? started : undefined;
}

import { readFile, readdir } from 'node:fs/promises';
import { execa } from 'execa';
import { PS_ENVIRONMENT } from './table.ts';

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
  const options = { reject: false, env: PS_ENVIRONMENT } as const;
  const { stdout, exitCode } = await execa('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options);
  const [state = '', ...started] = stdout.trim().split(/\s+/);
  return exitCode === 0 && started.length > 0 && !state.startsWith('Z') ? started.join(' ') : undefined;
}

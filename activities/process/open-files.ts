import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** Pids of the processes that may write to one of the files, which are there or were: who only reads is not told. Not this one. */
export async function writersOf(files: readonly string[]): Promise<readonly number[]> {
  const real = await Promise.all(files.map(resolved));
  const found = process.platform === 'linux' ? await searchProc(real) : await searchLsof(real);
  return found.filter((pid) => pid !== process.pid);
}

async function resolved(file: string): Promise<string> {
  return path.join(await realpath(path.dirname(file)).catch(() => path.dirname(file)), path.basename(file));
}

async function searchProc(files: readonly string[]): Promise<readonly number[]> {
  const targets = new Set(files.flatMap((file) => [file, `${file} (deleted)`]));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => ((await writes(pid, targets)) ? [Number(pid)] : [])));
  return found.flat();
}

async function writes(pid: string, targets: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    if (!targets.has(target)) continue;
    const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '');
    const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(info) ?? [];
    if (Number.parseInt(flags, 8) % 4 !== 0) return true;
  }
  return false;
}

// `lsof` ends with 1 also when it has found some; a line `p` is a process, a line `a` how it has a file open.
async function searchLsof(files: readonly string[]): Promise<readonly number[]> {
  const { stdout } = await execa('lsof', ['-w', '-Fpa', '--', ...files], { reject: false });
  let pid = 0;
  const found = new Set<number>();
  for (const line of (stdout ?? '').split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    if (line === 'aw' || line === 'au') found.add(pid);
  }
  return [...found];
}

import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareShop } from '../examples/prepare.ts';
import { stateHome } from '../worker/processes/home.ts';

interface Demo {
  readonly folder: string;
  readonly workId: string;
}

const root = path.join(stateHome(process.env), 'demo');
const record = path.join(root, 'current.json');
const cli = fileURLToPath(new URL('../client/main.ts', import.meta.url));

/** The demo that was cut off, to go on with, or a new one in a folder of its own. */
async function openDemo(): Promise<Demo> {
  const interrupted = await readFile(record, 'utf8')
    .then((text): Demo => JSON.parse(text))
    .catch(() => undefined);
  if (interrupted !== undefined) {
    process.stdout.write(`Going on with the demo that was cut off: ${interrupted.workId}\n`);
    return interrupted;
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(2, 14);
  const demo = { folder: path.join(root, stamp), workId: `DEMO-${stamp}` };
  await mkdir(root, { recursive: true });
  await prepareShop(demo.folder);
  await writeFile(record, JSON.stringify(demo));
  process.stdout.write(`Made two repositories, a spec and a project file in ${demo.folder}\n`);
  return demo;
}

function spectate(demo: Demo): Promise<number> {
  const extra = process.argv.slice(2);
  const order = ['run', '--file', 'spec.md', '--project', 'spec-to-pr.yaml', '--work-id', demo.workId, ...extra];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...order], {
    cwd: demo.folder,
    stdio: 'inherit',
  });
  process.on('SIGINT', () => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}

const demo = await openDemo();
const code = await spectate(demo);
if (code === 0 || code === 1) await rm(record, { force: true });
if (code === 0)
  process.stdout.write(
    [
      '',
      `Repositories, spec and project file: ${demo.folder}`,
      'The server and the worker keep running, so that you can look around: `bin/spec-to-pr list`, and `bin/spec-to-pr down` ends them.',
      '',
    ].join('\n'),
  );
process.exitCode = code;

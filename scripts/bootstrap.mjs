// Runs on any Node from 18 on, with nothing installed: installs what is missing, then runs a script with the project's own Node.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
const stamp = path.join(modules, '.spec-to-pr-lock');

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function installed() {
  const lock = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  return existsSync(path.join(modules, '.bin', 'node')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
}

/** Only one of several starters installs; the others wait for it. */
function install() {
  const mutex = path.join(root, '.installing');
  const deadline = Date.now() + 15 * 60_000;
  for (;;) {
    try {
      mkdirSync(mutex);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`cannot write in ${root}: ${error.message}`);
      if (installed()) return;
      if (Date.now() > deadline) fail(`another installation seems to hang: end it, remove ${mutex}, and try again`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    }
  }
  const release = () => existsSync(mutex) && rmdirSync(mutex);
  process.once('exit', release);
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.stdout.write('Installing the dependencies, once.\n');
  // Not `npm ci`: it fails where a registry lacks the optional packages of other platforms.
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0)
    fail(`npm install failed (${result.error?.message ?? `exit ${result.status}`}): see its messages above`);
  writeFileSync(stamp, readFileSync(path.join(root, 'package-lock.json')));
  release();
}

if (!['linux', 'darwin'].includes(process.platform))
  fail(`spec-to-pr runs on Linux and macOS, not on ${process.platform}: use WSL or a container`);
if (spawnSync('git', ['--version']).status !== 0) fail('git is missing: install git 2.31 or newer');
if (!installed()) install();

const [script, ...rest] = process.argv.slice(2);
const child = spawn(
  path.join(modules, '.bin', 'node'),
  ['--disable-warning=ExperimentalWarning', path.join(root, script), ...rest],
  {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${path.join(modules, '.bin')}${path.delimiter}${process.env.PATH ?? ''}` },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('error', (error) => fail(`cannot start Node: ${error.message}`));
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

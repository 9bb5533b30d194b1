import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheHome } from '../worker/processes/home.ts';
import { findTemporal } from '../worker/temporal/find.ts';

const root = path.dirname(import.meta.dirname);
const agents = path.join(root, 'tests', 'agents');
const outcome = path.join(root, 'reports', 'jest.json');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The agent CLIs that tests run against are large: they are installed here, and only here. */
function installAgents(): void {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(path.join(agents, 'package.json'), 'utf8'),
  );
  if (Object.entries(dependencies).every(([name, version]) => installedVersion(name) === version)) return;
  say('Installing the agent CLIs that the tests use, once.');
  const result = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: agents,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0) throw new Error(`npm install failed in ${agents}`);
}

function installedVersion(name: string): string | undefined {
  const file = path.join(agents, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  const { version }: { version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return version;
}

function runJest(words: readonly string[]): number {
  mkdirSync(path.dirname(outcome), { recursive: true });
  rmSync(outcome, { force: true });
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const result = spawnSync(process.execPath, [...flags, jest, '--json', '--outputFile', outcome, ...words], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: flags.join(' ') },
  });
  return result.status ?? 1;
}

function summarise(status: number): number {
  if (!existsSync(outcome)) {
    say('0 passed, 1 failed');
    return 1;
  }
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }: Record<string, number> = JSON.parse(
    readFileSync(outcome, 'utf8'),
  );
  const failed = (numFailedTests ?? 0) + (numRuntimeErrorTestSuites ?? 0);
  say(`${numPassedTests ?? 0} passed, ${failed} failed`);
  return status === 0 && failed === 0 && (numPassedTests ?? 0) > 0 ? 0 : 1;
}

await findTemporal({ path: process.env['PATH'] ?? '', cacheDir: cacheHome(process.env), say });
installAgents();
process.exitCode = summarise(runJest(process.argv.slice(2)));

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ToolFiles } from '../tools/files.ts';
import { INSPECT, inspect } from '../tools/inspect.ts';
import type { ScriptStep } from './script.ts';

/** What the adapter hands to the player on its standard input. */
export interface Performance {
  readonly steps: readonly ScriptStep[];
  readonly directory: string;
  readonly scriptFolder: string;
  /** File with the numbers of the finished steps: a restarted player goes on after the last one. */
  readonly journal: string;
  readonly files: ToolFiles;
}

function emit(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function main(): Promise<void> {
  const performance: Performance = JSON.parse(readFileSync(0, 'utf8'));
  const done = existsSync(performance.journal) ? readFileSync(performance.journal, 'utf8').split('\n').length - 1 : 0;
  for (const [index, step] of performance.steps.entries()) {
    if (index < done) continue;
    const over = await play(step, performance);
    appendFileSync(performance.journal, `${index}\n`);
    if (over) return;
  }
  emit({ type: 'end', as: 'done', why: '' });
}

/** Plays one step. True ends the session. */
async function play(step: ScriptStep, { directory, scriptFolder, files }: Performance): Promise<boolean> {
  const at = (file: string): string => within(directory, file);
  if ('say' in step) emit({ type: 'text', text: step.say });
  else if ('write' in step) write(at(step.write.file), step.write.content);
  else if ('replace' in step) replace(at(step.replace.file), step.replace);
  else if ('delete' in step) rmSync(at(step.delete), { recursive: true });
  else if ('copy' in step) cpSync(path.resolve(scriptFolder, step.copy.from), at(step.copy.to), { recursive: true });
  else if ('run' in step) run(step.run, directory);
  else if ('wait' in step) await wait(step.wait);
  else if ('spend' in step) emit({ type: 'usage', ...step.spend });
  else if ('inspect' in step) await look(step.inspect, files);
  else if ('hypothesis' in step) emit({ type: 'hypothesis', ...step.hypothesis });
  else if ('andon' in step) {
    emit({ type: 'andon', ...step.andon });
    emit({ type: 'end', as: step.andon.cord === 'already_done' ? 'done' : 'blocked', why: step.andon.reason });
    return true;
  } else if ('crash' in step) process.kill(process.pid, 'SIGKILL');
  else if ('hang' in step) await wait(2 ** 31 - 1);
  else {
    const { in: seconds, ...end } = step.end;
    emit({ type: 'end', ...end, ...(seconds === undefined ? {} : { until: Date.now() + seconds * 1000 }) });
    return true;
  }
  if ('write' in step || 'replace' in step || 'delete' in step || 'copy' in step) emit({ type: 'file_change', step });
  return false;
}

function within(directory: string, file: string): string {
  const target = path.resolve(directory, file);
  if (!target.startsWith(path.resolve(directory) + path.sep)) throw new Error(`"${file}" lies outside of the worktree`);
  return target;
}

function write(file: string, content: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function replace(file: string, change: { find: string; with: string }): void {
  const parts = readFileSync(file, 'utf8').split(change.find);
  if (parts.length !== 2) throw new Error(`"${change.find}" stands ${parts.length - 1} times in ${file}, not once`);
  writeFileSync(file, parts.join(change.with));
}

async function look(call: Parameters<typeof inspect>[1], files: ToolFiles): Promise<void> {
  const id = randomUUID();
  emit({ type: 'tool', id, tool: INSPECT, input: call });
  emit({ type: 'tool_result', id, is_error: false, text: await inspect(files, call) });
}

function run(command: string, cwd: string): void {
  emit({ type: 'command', command });
  execFileSync('/bin/sh', ['-c', command], { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}

try {
  await main();
} catch (error) {
  emit({ type: 'error', message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}

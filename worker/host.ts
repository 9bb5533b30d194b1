import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';

/**
 * The id of the host that a state folder is on: kept in the folder, so it is the same after every restart and for every worker that
 * shares the folder, and differs between hosts of the same name.
 */
export function hostOf(home: string): string {
  const known = knownHost(home);
  if (known !== undefined) return known;
  const draft = `${fileIn(home)}.${randomUUID()}`;
  const name = hostname()
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .slice(0, 40);
  mkdirSync(home, { recursive: true });
  writeFileSync(draft, `${name}-${randomUUID().slice(0, 8)}`);
  try {
    linkSync(draft, fileIn(home));
  } catch (error) {
    // Another process was first: its id counts.
    if (knownHost(home) === undefined) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(fileIn(home), 'utf8');
}

/** The same where a worker has been already; nothing is written. */
export function knownHost(home: string): string | undefined {
  try {
    return readFileSync(fileIn(home), 'utf8');
  } catch {
    return undefined;
  }
}

const fileIn = (home: string): string => path.join(home, 'host');

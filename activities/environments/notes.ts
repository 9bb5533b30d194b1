import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Commits } from '../../domain/ids.ts';
import { folderName } from '../folders.ts';
import type { Deployment, ProvisionRequest } from './index.ts';

/** What this host remembers of an environment that a provider's program keeps: help for later calls, never the truth. */
export interface Note {
  readonly name: string;
  readonly owner: string;
  /** What was asked for last. */
  readonly commits: Commits;
  readonly directories: ProvisionRequest['directories'];
  /** The last deployment that came up. */
  readonly deployment?: Deployment;
}

/** The note of what is asked for. */
export function noteOf({ name, owner, commits, directories }: ProvisionRequest): Note {
  return { name, owner, commits, directories };
}

/** Folder of the notes of one provider; `kind` keeps providers apart. */
export function notesRoot(stateHome: string, kind: string): string {
  return path.join(stateHome, 'environment-notes', kind);
}

/** Folder of one environment's note, for other files of the provider's too. */
export function noteFolder(root: string, name: string): string {
  return path.join(root, folderName(name));
}

/** Where a call that changes the environment is noted while it is at work. */
export function callFile(root: string, name: string): string {
  return path.join(noteFolder(root, name), 'call.json');
}

const FILE = 'note.json';

/** Replaces the note in one step. */
export async function writeNote(root: string, note: Note): Promise<void> {
  const folder = noteFolder(root, note.name);
  await mkdir(folder, { recursive: true });
  const draft = path.join(folder, `${randomUUID()}.part`);
  await writeFile(draft, JSON.stringify(note), { mode: 0o600 });
  await rename(draft, path.join(folder, FILE));
}

/** The note, or nothing where this host has none. */
export async function readNote(root: string, name: string): Promise<Note | undefined> {
  return readFrom(noteFolder(root, name));
}

/** Whether this host remembers the environment. */
export async function hasNote(root: string, name: string): Promise<boolean> {
  return (await readNote(root, name)) !== undefined;
}

/** Forgets one environment. */
export async function removeNote(root: string, name: string): Promise<void> {
  await rm(noteFolder(root, name), { recursive: true, force: true });
}

/** All notes of a provider on this host. */
export async function listNotes(root: string): Promise<readonly Note[]> {
  const names = await readdir(root).catch(ignoreMissing);
  const notes = await Promise.all((names ?? []).map((name) => readFrom(path.join(root, name))));
  return notes.filter((note) => note !== undefined);
}

async function readFrom(folder: string): Promise<Note | undefined> {
  const text = await readFile(path.join(folder, FILE), 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  const note: Note = JSON.parse(text);
  return note;
}

function ignoreMissing(error: unknown): undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
}

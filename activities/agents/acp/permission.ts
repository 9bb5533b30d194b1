import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import type { Role } from '../../../domain/roles.ts';
import { fields } from '../fields.ts';

type Request = Pick<RequestPermissionRequest, 'toolCall' | 'options'>;

const EDITS: readonly string[] = ['edit', 'delete', 'move'];
const PATH_FIELDS = ['file_path', 'path', 'filePath', 'abs_path', 'notebook_path'];

/**
 * The answer to an agent that asks whether it may do something: yes for what names no path outside of the folder, symbolic links
 * followed, and for a debugger changes no file, else no; always for this one time where the agent offers that.
 */
export function answerTo(
  { toolCall, options }: Request,
  { directory, role }: { readonly directory: string; readonly role: Role },
): RequestPermissionResponse {
  const inside = pathsOf(toolCall).every((file) => isInside(file, directory));
  const kept = role !== 'debugger' || !EDITS.includes(toolCall.kind ?? '');
  const kinds = inside && kept ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  const chosen = kinds.map((kind) => options.find((option) => option.kind === kind)).find((option) => option);
  return {
    outcome: chosen === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: chosen.optionId },
  };
}

function pathsOf({ locations, content, rawInput }: Request['toolCall']): readonly string[] {
  const input = fields(rawInput);
  const given = PATH_FIELDS.map((name) => input[name]).filter((value) => typeof value === 'string');
  const changed = (content ?? []).flatMap((part) => (part.type === 'diff' ? [part.path] : []));
  return [...(locations ?? []).map((location) => location.path), ...changed, ...given];
}

function isInside(file: string, directory: string): boolean {
  const relative = path.relative(realpathSync(directory), real(path.resolve(directory, file)));
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** The path without symbolic links, as far as it exists. */
function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(real(parent), path.basename(file));
  }
}

import type { RepositoryKey } from './ids.ts';
import type { Role } from './roles.ts';

/** A server of the Model Context Protocol that a session may use: a program, or an address. */
export type McpServer =
  | { readonly command: string; readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }
  | {
      readonly type: 'http' | 'sse';
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
    };

export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof EFFORTS)[number];

/** Who does a session, and how. What is left out is as the project's agent has it. */
export interface Persona {
  readonly name: string;
  readonly description: string;
  /** sha256 (hex) of the file's text. */
  readonly sha256: string;
  /** Everything that its file says in words, as one text for the model. */
  readonly instructions: string;
  readonly model?: string;
  readonly maxTurns?: number;
  /** The only tools of the agent's own that the session has. */
  readonly tools?: readonly string[];
  /** What it does without being asked for permission; what is not named here it does not do where the mode asks. */
  readonly allowedTools?: readonly string[];
  readonly permissionMode?: string;
  /** How much the model thinks: as a level, or in tokens; 0 tokens switch thinking off. */
  readonly effort?: Effort;
  readonly thinkingTokens?: number;
  readonly mcpServers?: Readonly<Record<string, McpServer>>;
  /** A constraint forbids the tools that edit files. */
  readonly noCode: boolean;
}

/** A persona as a run pins it: the repository whose base commit has its file, or `null` for a built-in one. */
export interface PersonaRef {
  readonly name: string;
  readonly repository: RepositoryKey | null;
  readonly sha256: string;
}

/** The personas of a run's roles. */
export type PersonaRefs = Readonly<Partial<Record<Role, PersonaRef>>>;

/** The tools that personas may name. */
export const PERSONA_TOOLS: readonly string[] = [
  ...['Agent', 'Bash', 'Edit', 'Glob', 'Grep', 'NotebookEdit', 'Read', 'Skill', 'WebFetch', 'WebSearch', 'Write'],
];

/** Tools that edit files. */
export const EDIT_TOOLS: readonly string[] = ['Edit', 'Write', 'NotebookEdit'];

/** The folder in which repositories keep their personas. */
export const PERSONA_FOLDER = '.claude/agents';

/** Where a repository keeps the persona of this name. */
export function personaFile(name: string): string {
  return `${PERSONA_FOLDER}/${name}.md`;
}

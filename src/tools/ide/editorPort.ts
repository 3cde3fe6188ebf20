// What the `ide` tools ask of an editor, in words of our own: its types stay in the folder that speaks them (A13). Files
// are real paths on disk; lines and columns count from 1.

import type { SessionId } from "../../protocol/ids.ts";

export type Position = { line: number; column: number };
export type Span = { start: Position; end: Position };
export type CodePlace = { file: string; span: Span };
export type Problem = CodePlace & { severity: "error" | "warning" | "info" | "hint"; message: string; source?: string };
export type CodeSymbol = CodePlace & { name: string; kind: string; container?: string };
export type TextChange = { span: Span; text: string };
export type FileChanges = { file: string; changes: TextChange[] };

/** `unsaved`: the user has another text of the file in view; `stale`: the editor has not seen the newest one yet. */
export type Answer<T> = { ok: true; value: T } | { ok: false; code: "no_answer" | "unsaved" | "stale"; message: string };

/** Every answer is for the file as it is on disk; where the editor has another text in view, that is the failure. */
export type EditorPort = {
  /** The user's own folder that a session is about. */
  folderOf(sessionId: SessionId): Promise<string | undefined>;
  /** What the language services say of one file, once they had their time. */
  problems(file: string, signal: AbortSignal): Promise<Answer<Problem[]>>;
  /** What is known already, of all files. */
  allProblems(): Problem[];
  definition(file: string, at: Position): Promise<Answer<CodePlace[]>>;
  references(file: string, at: Position): Promise<Answer<CodePlace[]>>;
  symbols(file: string): Promise<Answer<CodeSymbol[]>>;
  findSymbols(query: string): Promise<Answer<CodeSymbol[]>>;
  /** The changes that would be made; nothing is written. */
  rename(file: string, at: Position, newName: string): Promise<Answer<FileChanges[]>>;
  format(file: string): Promise<Answer<FileChanges[]>>;
};

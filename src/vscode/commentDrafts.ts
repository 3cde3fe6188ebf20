// What a person has said of lines in the editor, as it is kept with the window: drafts, and those on their way. A draft
// knows what stood in its line, so that it is found again where lines have moved.

import type * as vscode from "vscode";
import type { LineComment } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";

export type Draft = LineComment & {
  /** The document that it was written on. */
  uri: string;
  sessionId: SessionId;
  /** The text of the line. */
  shown: string;
  /** On its way to the agents. */
  sent?: true;
};

const key = "agentOrchestrator.commentDrafts";

export function keptDrafts({ workspaceState }: vscode.ExtensionContext): Draft[] {
  return workspaceState.get<Draft[]>(key, []);
}

export function keepDrafts({ workspaceState }: vscode.ExtensionContext, drafts: Draft[]): void {
  void workspaceState.update(key, drafts.length > 0 ? drafts : undefined);
}

/** As it is said of the lines as they are now; undefined where its line is not there any more. */
export function placedIn({ path, text, line, endLine = line, shown }: Draft, lines: string[]): LineComment | undefined {
  const same = lines.flatMap((one, i) => (one === shown ? [i + 1] : []));
  const [nearest] = same.toSorted((a, b) => Math.abs(a - line) - Math.abs(b - line));
  if (nearest === undefined) return undefined;
  const end = Math.min(lines.length, nearest + endLine - line);
  return { path, text, line: nearest, ...(end > nearest ? { endLine: end } : {}) };
}

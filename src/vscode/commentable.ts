// Which documents of the editor take comments for agents: the proposed side of a result that waits, and the user's files
// that hold the result of a session. Loads nothing; what sessions took is remembered until their record grows.

import * as vscode from "vscode";
import { isOpen } from "../core/landingEnd.ts";
import { landedAt } from "../protocol/landed.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { shownSide } from "./changes.ts";

export type Commentable = { sessionId: SessionId; path: string };

/** Older ones are asked by `ao comment`. */
const mostSessions = 40;
const taken = new Map<SessionId, { seq: number; files: Set<string> }>();

export async function commentableIn(runtime: Runtime, uri: vscode.Uri): Promise<Commentable | undefined> {
  const shown = shownSide(uri);
  if (shown) {
    const { sessionId, path, side } = shown;
    const landing = (await runtime.engine.state(sessionId))?.landing;
    const isThere = isOpen(landing) && landing.files.some((file) => file.path === path && file.kind !== "deleted");
    return side === "after" && isThere ? { sessionId, path } : undefined;
  }
  const folder = uri.scheme === "file" ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
  if (!folder) return undefined;
  const path = vscode.workspace.asRelativePath(uri, false);
  for (const { id, seq } of await runtime.store.listSessions({ workspace: folder.uri.fsPath, limit: mostSessions }))
    if ((await filesOf(runtime, id, seq)).has(path)) return { sessionId: id, path };
  return undefined;
}

/** The files of the newest result of a session that are in the user's folder. */
async function filesOf({ engine }: Runtime, id: SessionId, seq: number): Promise<Set<string>> {
  const known = taken.get(id);
  if (known?.seq === seq) return known.files;
  const state = await engine.state(id);
  const files = new Set(state && holds(state) ? state.landing?.files.map(({ path }) => path) : []);
  taken.set(id, { seq, files });
  return files;
}

function holds(state: SessionState): boolean {
  return state.landing?.decision === "applied" && landedAt(state, state.seq).length > 0;
}

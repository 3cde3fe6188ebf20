// A session's result in the editor's own diff: what the files are, beside what they would become. Contents come from the
// record (`ao:` documents); nothing is written to show them.

import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import type { WaitingList } from "./waiting.ts";

const scheme = "agent-orchestrator";

/** `taken`: what the session began with, and the parts of the result that were taken since. `yours`: the user's file. */
type Side = "before" | "after" | "taken" | "yours";

/** `agent-orchestrator:/path?session=…&side=…` */
function uriOf(sessionId: string, path: string, side: Side, more: Record<string, string> = {}): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${path}`, query: new URLSearchParams({ session: sessionId, side, ...more }).toString() });
}

/** The three sides of a clash; `yours` is the file as it is when it is first shown. */
export function sidesOf(sessionId: string, path: string): { base: vscode.Uri; yours: vscode.Uri; proposed: vscode.Uri } {
  const at = { at: String(Date.now()) };
  return { base: uriOf(sessionId, path, "taken"), yours: uriOf(sessionId, path, "yours", at), proposed: uriOf(sessionId, path, "after") };
}

/** What a document shows; undefined for all others. */
export function shownSide({ scheme: name, path, query }: vscode.Uri): { sessionId: string; path: string; side: string } | undefined {
  const given = new URLSearchParams(query);
  return name === scheme ? { sessionId: given.get("session") ?? "", path: path.slice(1), side: given.get("side") ?? "" } : undefined;
}

/** Documents that are open follow what the session proposes. */
export function registerChanges(desk: Desk, waiting: WaitingList): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const { sessionId, side, path } = shownSide(uri)!;
      const runtime = await desk.runtime();
      const state = await runtime.engine.state(sessionId);
      if (!state) return "";
      if (side === "yours") return presentText(vscode.Uri.joinPath(vscode.Uri.file(state.workspace), path));
      const commit = commitOf(state, side);
      return (commit === undefined ? undefined : await runtime.fileAt(state.workspace, commit, path)) ?? "";
    },
  };
  const listening = waiting.onChange(() => {
    for (const { uri } of vscode.workspace.textDocuments) {
      const side = shownSide(uri)?.side;
      if (side !== undefined && side !== "yours") changed.fire(uri);
    }
  });
  return vscode.Disposable.from(changed, listening, vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
}

function commitOf({ landing, base, head }: SessionState, side: string): string | undefined {
  if (side === "after") return landing?.commit ?? head;
  return (side === "taken" ? landing?.taken : undefined) ?? landing?.base ?? base;
}

/** As the editor has it, saved or not; else as it is on disk. */
async function presentText(file: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === file.toString());
  return open ? open.getText() : readFile(file.fsPath, "utf8").catch(() => "");
}

export async function openDiff(sessionId: string, path: string): Promise<void> {
  const { command, arguments: given = [] } = diffCommand(sessionId, path);
  await vscode.commands.executeCommand(command, ...given);
}

export function diffCommand(sessionId: string, path: string): vscode.Command {
  const title = vscode.l10n.t("{0} (proposed)", path);
  const sides = [uriOf(sessionId, path, "before"), uriOf(sessionId, path, "after")];
  return { title, command: "vscode.diff", arguments: [...sides, title, { preview: true }] };
}

/** All files of the result in one multi-file diff. */
export async function openChanges({ engine }: Runtime, sessionId: string): Promise<void> {
  const state = await engine.state(sessionId);
  const files = state?.landing?.files ?? [];
  if (!state || files.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("This session has changed no files."));
    return;
  }
  const folder = vscode.Uri.file(state.workspace);
  const resources = files.map(({ path, kind }) => [
    vscode.Uri.joinPath(folder, path),
    kind === "added" ? undefined : uriOf(sessionId, path, "before"),
    kind === "deleted" ? undefined : uriOf(sessionId, path, "after"),
  ]);
  await vscode.commands.executeCommand("vscode.changes", vscode.l10n.t("Changes of {0}", state.name), resources);
}

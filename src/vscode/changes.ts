// A session's result in the editor's own diff: what the files are, beside what they would become. Contents come from the
// record (`ao:` documents); nothing is written to show them.

import * as vscode from "vscode";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import type { WaitingList } from "./waiting.ts";

const scheme = "agent-orchestrator";

/** `agent-orchestrator:/path?session=…&side=before|after` */
function uriOf(sessionId: string, path: string, side: "before" | "after"): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${path}`, query: new URLSearchParams({ session: sessionId, side }).toString() });
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
      const { sessionId, side } = shownSide(uri)!;
      const runtime = await desk.runtime();
      const state = await runtime.engine.state(sessionId);
      const commit = side === "before" ? (state?.landing?.base ?? state?.base) : (state?.landing?.commit ?? state?.head);
      if (!state || !commit) return "";
      return (await runtime.fileAt(state.workspace, commit, uri.path.slice(1))) ?? "";
    },
  };
  const listening = waiting.onChange(() => {
    for (const { uri } of vscode.workspace.textDocuments) if (shownSide(uri)) changed.fire(uri);
  });
  return vscode.Disposable.from(changed, listening, vscode.workspace.registerTextDocumentContentProvider(scheme, provider));
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

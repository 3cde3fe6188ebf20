// An agent's wish to edit a file, shown in the user's own file at that place: who, and approve, deny, or look at the diff.
// Code lenses rather than comment threads: they are there without a click, take no space beside the line, are reached by
// keyboard and screen reader, and go by themselves when somebody has answered elsewhere.

import { join } from "node:path";
import * as vscode from "vscode";
import type { ApprovalId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { ApprovalState, SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import { forgetOldest } from "./forgetOldest.ts";
import { oneAtATime } from "./oneAtATime.ts";
import type { WaitingList } from "./waiting.ts";

type Preview = Awaited<ReturnType<Runtime["preview"]>>[number];

/** One file of one action that waits; `others` are the files that the same answer is for. */
type Edit = { sessionId: string; approvalId: ApprovalId; who: string; file: string; preview: Preview; others: string[] };

const scheme = "agent-orchestrator-edit";
/** Diffs stay readable for a while after their question is answered. */
const mostKept = 50;

export function registerEditApprovals(desk: Desk, waiting: WaitingList): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const previews = new Map<ApprovalId, Preview[]>();
  let edits: Edit[] = [];

  const update = async (): Promise<void> => {
    const found: Edit[] = [];
    for (const { state, approvals } of waiting.all())
      for (const approval of approvals.filter(({ kind }) => kind === "call")) {
        const known = previews.get(approval.approvalId) ?? (await previewOf(desk, approval).catch(() => undefined));
        if (!known) continue;
        previews.set(approval.approvalId, known);
        found.push(...known.map((preview) => editOf(desk, state, approval, preview, known)));
      }
    edits = found;
    forgetOldest(previews, new Set(found.map(({ approvalId }) => approvalId)), mostKept);
    await closeAnswered(waiting);
    changed.fire();
  };
  const lenses: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => edits.filter(({ file }) => file === document.uri.fsPath).flatMap((edit) => lensesOf(document, edit)),
  };
  const contents: vscode.TextDocumentContentProvider = {
    provideTextDocumentContent: ({ path, query }) => {
      const { approval, side } = JSON.parse(query) as { approval: ApprovalId; side: "before" | "after" };
      return previews.get(approval)?.find((preview) => `/${preview.path}` === path)?.[side] ?? "";
    },
  };
  return vscode.Disposable.from(
    changed,
    waiting.onChange(oneAtATime(update)),
    vscode.languages.registerCodeLensProvider({ scheme: "file" }, lenses),
    vscode.workspace.registerTextDocumentContentProvider(scheme, contents),
    vscode.commands.registerCommand("agentOrchestrator.approveEdit", (edit: Edit) => answer(desk, edit, "approve")),
    vscode.commands.registerCommand("agentOrchestrator.denyEdit", (edit: Edit) => answer(desk, edit, "deny")),
    vscode.commands.registerCommand("agentOrchestrator.showEdit", (edit: Edit) => showDiff(edit)),
  );
}

async function previewOf(desk: Desk, { tool, arguments: args, cwd }: ApprovalState): Promise<Preview[]> {
  return (await desk.loaded()?.preview(tool, args, cwd)) ?? [];
}

function editOf(
  desk: Desk,
  { id, workspace, tasks }: SessionState,
  { approvalId, taskId }: ApprovalState,
  preview: Preview,
  all: Preview[],
): Edit {
  const agent = (taskId && tasks[taskId]?.assignedAgent) ?? "";
  const who = desk.loaded()?.registry.agent(agent)?.name ?? vscode.l10n.t("An agent");
  const others = all.filter((one) => one !== preview).map(({ path }) => path);
  return { sessionId: id, approvalId, who, file: join(workspace, preview.path), preview, others };
}

function lensesOf(document: vscode.TextDocument, edit: Edit): vscode.CodeLens[] {
  const line = lineOf(document, edit.preview);
  const range = new vscode.Range(line, 0, line, 0);
  const here =
    edit.preview.after === undefined
      ? vscode.l10n.t("{0} wants to delete this file", edit.who)
      : vscode.l10n.t("{0} wants to edit here", edit.who);
  const title = edit.others.length === 0 ? here : vscode.l10n.t("{0}, and {1}", here, othersOf(edit.others));
  const count = edit.others.length + 1;
  const lens = (words: string, command: string): vscode.CodeLens =>
    new vscode.CodeLens(range, { title: words, command: `agentOrchestrator.${command}`, arguments: [edit] });
  return [
    lens(title, "showEdit"),
    lens(count === 1 ? vscode.l10n.t("Approve") : vscode.l10n.t("Approve all {0} files", count), "approveEdit"),
    lens(count === 1 ? vscode.l10n.t("Deny") : vscode.l10n.t("Deny all {0} files", count), "denyEdit"),
    lens(vscode.l10n.t("Show diff"), "showEdit"),
  ];
}

const mostNamed = 3;

function othersOf(paths: string[]): string {
  const named = paths.slice(0, mostNamed).join(", ");
  const more = paths.length - mostNamed;
  if (more > 0) return vscode.l10n.t("{0} more files: {1} and {2} others", paths.length, named, more);
  return paths.length === 1 ? vscode.l10n.t("1 more file: {0}", named) : vscode.l10n.t("{0} more files: {1}", paths.length, named);
}

/** The first line that would change, as the user's file has it: the agent's copy may have other lines around it. */
function lineOf(document: vscode.TextDocument, { before = "", after = "" }: Preview): number {
  const [old, next] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  const first = Math.max(
    0,
    old.findIndex((line, at) => line !== next[at]),
  );
  const lines = document.getText().split(/\r?\n/);
  const places = lines
    .flatMap((line, at) => (line === old[first] ? [at] : []))
    .toSorted((a, b) => Math.abs(a - first) - Math.abs(b - first));
  return places[0] ?? Math.min(first, lines.length - 1);
}

async function answer(desk: Desk, { sessionId, approvalId }: Edit, decision: "approve" | "deny"): Promise<void> {
  try {
    const { engine } = await desk.runtime();
    const given = await engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision, by: "user" });
    if (!given.ok) throw new Error(given.error.message);
  } catch (error) {
    void vscode.window.showErrorMessage(messageOf(error));
  }
}

async function showDiff({ approvalId, preview: { path } }: Edit): Promise<void> {
  const uri = (side: "before" | "after"): vscode.Uri =>
    vscode.Uri.from({ scheme, path: `/${path}`, query: JSON.stringify({ approval: approvalId, side }) });
  await vscode.commands.executeCommand("vscode.diff", uri("before"), uri("after"), vscode.l10n.t("{0} (asked)", path), { preview: true });
}

/** A diff whose question is answered is of no more use. */
async function closeAnswered(waiting: WaitingList): Promise<void> {
  const open = new Set<string>(waiting.all().flatMap(({ approvals }) => approvals.map(({ approvalId }) => approvalId)));
  const answered = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => {
      if (!(input instanceof vscode.TabInputTextDiff) || input.modified.scheme !== scheme) return false;
      return !open.has((JSON.parse(input.modified.query) as { approval: string }).approval);
    });
  if (answered.length > 0) await vscode.window.tabGroups.close(answered, true);
}

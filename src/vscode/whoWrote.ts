// Who wrote a line, in the editor: a hover, and a command that goes to the place in the trace. The hover never loads the
// engine; it answers once that is there.

import * as vscode from "vscode";
import type { Blame, LineOrigin } from "../runtime/blame.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import { showInPanels, viewId } from "./panelView.ts";
import type { WaitingList } from "./waiting.ts";

type Known = { version: number; blame: Promise<Blame | undefined> };
type Place = Pick<LineOrigin, "sessionId" | "taskId">;

const command = "agentOrchestrator.showWhoWrote";
/** Longer files are none that people hover over. */
const mostLines = 20_000;

let known = new WeakMap<vscode.TextDocument, Known>();

export function registerWhoWrote(desk: Desk, waiting: WaitingList): vscode.Disposable {
  const provider: vscode.HoverProvider = {
    provideHover: async (document, { line }) => {
      const runtime = desk.loaded();
      const origin = runtime && (await blameOf(runtime, document))?.lines[line];
      return origin && new vscode.Hover(wordsOn(runtime, origin), document.lineAt(line).range);
    },
  };
  const forget = (): void => void (known = new WeakMap());
  return vscode.Disposable.from(
    vscode.languages.registerHoverProvider({ scheme: "file" }, provider),
    waiting.onChange(forget),
    desk.onChange(forget),
  );
}

/** Goes to the task that a hover names, else to the one that wrote the line of the cursor; the session that is shown. */
export async function showWhoWrote(desk: Desk, given?: unknown): Promise<string | undefined> {
  const { sessionId, taskId } = (given as Partial<Place> | undefined) ?? {};
  const place = sessionId === undefined ? await placeAtCursor(desk) : { sessionId, ...(taskId === undefined ? {} : { taskId }) };
  if (!place) return undefined;
  showInPanels(desk, { ...place, view: "trace" });
  await vscode.commands.executeCommand(`${viewId}.focus`);
  return place.sessionId;
}

async function placeAtCursor(desk: Desk): Promise<Place | undefined> {
  const editor = vscode.window.activeTextEditor;
  const line = editor?.selection.active.line;
  const origin = editor && (await blameOf(await desk.runtime(), editor.document))?.lines[line!];
  if (!origin) {
    void vscode.window.showInformationMessage(
      editor ? vscode.l10n.t("No session wrote this line.") : vscode.l10n.t("Open a file, and put the cursor on a line, first."),
    );
    return undefined;
  }
  const { sessionId, taskId } = origin;
  return { sessionId, ...(taskId === undefined ? {} : { taskId }) };
}

async function blameOf({ store, dataDir }: Runtime, document: vscode.TextDocument): Promise<Blame | undefined> {
  const { version, lineCount, uri } = document;
  if (uri.scheme !== "file" || lineCount > mostLines) return undefined;
  const before = known.get(document);
  if (before?.version === version) return before.blame;
  const { blameFile } = await import("../runtime/blame.ts");
  const blame = blameFile({ store, dataDir }, uri.fsPath, document.getText());
  const present = { version, blame };
  known.set(document, present);
  // What failed is tried again.
  blame.catch(() => known.get(document) === present && known.delete(document));
  return blame;
}

/** Words of the record are text, and never become links or pictures. */
function wordsOn({ registry }: Runtime, origin: LineOrigin): vscode.MarkdownString {
  const { agent, model, goal, prompt, landed, changed, receipt, approvals, sessionId, taskId } = origin;
  const name = agent === undefined ? vscode.l10n.t("an agent") : (registry.agent(agent)?.name ?? agent);
  const who = model === undefined ? name : `${name} (${model})`;
  const when = new Date(landed.at).toLocaleString();
  const written = changed
    ? vscode.l10n.t("Written by {0}, taken on {1}, edited since", who, when)
    : vscode.l10n.t("Written by {0}, taken on {1}", who, when);
  const approved = approvals.map(({ by }) => vscode.l10n.t("Approved by {0}", by));
  const proof = receipt
    ? vscode.l10n.t("{0} passed on what was taken", receipt.command)
    : vscode.l10n.t("No check passed on what was taken");
  const words = new vscode.MarkdownString();
  words.isTrusted = { enabledCommands: [command] };
  const target = encodeURIComponent(JSON.stringify([{ sessionId, taskId }]));
  const link = `[${vscode.l10n.t("Show in the trace")}](command:${command}?${target})`;
  const parts = [written, shortened(goal ?? prompt), [...approved, proof].join(" · ")].map(literal);
  return words.appendMarkdown([...parts, link].join("\n\n"));
}

/** The editor's own way makes every blank a hard one, so that nothing wraps. */
function literal(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[!-/:-@[-`{-~]/g, String.raw`\$&`);
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

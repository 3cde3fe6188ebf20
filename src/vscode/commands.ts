// The commands of the palette, as a table: each a name of package.json and what it does at the desk.

import * as vscode from "vscode";
import { levels } from "../protocol/agents.ts";
import { messageOf } from "../protocol/result.ts";
import type { ToPanel } from "../protocol/panel.ts";
import { pendingApprovals, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { joinByAgents, tellClash } from "./clashes.ts";
import { openChanges } from "./changes.ts";
import { commitResult, messageToSourceControl } from "./commitResult.ts";
import { type Desk, workspaceFolder } from "./desk.ts";
import { doctorReport } from "./doctor.ts";
import { demoModel, findModels } from "./findModels.ts";
import { manageApprovals } from "./manageApprovals.ts";
import { editPolicy } from "./policyFiles.ts";
import { openAsTab, showInPanels, viewId } from "./panelView.ts";
import { askForKey } from "./secrets.ts";
import { inSettingsWords, writeSetting } from "./settings.ts";
import { exportTrace } from "./surroundings.ts";
import { rollBack, undoAgent } from "./wayBack.ts";
import { showWhoWrote } from "./whoWrote.ts";

type Command = (desk: Desk, argument?: unknown) => Promise<unknown>;

const commands: Record<string, Command> = {
  openPanel: async () => vscode.commands.executeCommand(`${viewId}.focus`),
  openInTab: async (desk) => openAsTab(desk),
  newSession: (desk) => showPanel(desk, { newSession: true, view: "chat" }),
  run: (desk, goal) => runGoal(desk, goal, undefined),
  runWorkflow: async (desk, goal) => {
    const { registry } = await desk.runtime();
    const items = registry.workflows().map(({ id, description }) => ({ label: id, description }));
    const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Run a workflow") });
    return chosen && runGoal(desk, goal, chosen.label);
  },
  stop: (desk) => withSession(desk, ({ engine }, { id }) => engine.dispatch({ type: "session.cancel", sessionId: id })),
  resume: (desk) => withSession(desk, (_runtime, { id }) => desk.resume(id)),
  approveNext: (desk) => answerNext(desk, "approve"),
  denyNext: (desk) => answerNext(desk, "deny"),
  reviewChanges: (desk, group) => withSession(desk, (runtime, { id }) => openChanges(runtime, id), group),
  applyChanges: (desk, group) => withSession(desk, (runtime, { id }) => applyAll(desk, runtime, id), group),
  joinChanges: (desk, group) => withSession(desk, (_runtime, { id }) => joinByAgents(desk, id), group),
  discardChanges: (desk, group) =>
    withSession(desk, ({ engine }, { id }) => said(engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" })), group),
  commitResult: (desk, place) => withSession(desk, (runtime, state) => commitResult(runtime, state, place as object | undefined), place),
  messageToSourceControl: (desk, place) => withSession(desk, messageToSourceControl, place),
  rollback: (desk, place) =>
    withSession(desk, (runtime, state) => rollBack(runtime, state, (place as { to?: unknown } | undefined)?.to), place),
  undoAgent: (desk) => withSession(desk, undoAgent),
  fork: (desk) =>
    withSession(desk, async ({ engine }, { id }) => {
      const { sessionId } = await said(engine.dispatch({ type: "session.fork", sessionId: id }));
      await showPanel(desk, { sessionId, view: "chat" });
      return sessionId;
    }),
  showTrace: (desk) => showPanel(desk, { ...(desk.current === undefined ? {} : { sessionId: desk.current }), view: "trace" }),
  showWhoWrote: (desk, place) => showWhoWrote(desk, place),
  exportTrace: (desk, target) =>
    withSession(desk, (runtime, { id }) => exportTrace(runtime, id, target instanceof vscode.Uri ? target : undefined)),
  selectModel: async (desk) => {
    const items = [...(await findModels(desk)), demoModel].map(({ name, label }) => ({ label, description: name }));
    const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Select the model for all agents") });
    if (chosen) await writeSetting("model", chosen.description);
  },
  selectLevel: async () => {
    const chosen = await vscode.window.showQuickPick([...levels], { title: vscode.l10n.t("How far may agents go without asking?") });
    if (chosen) await writeSetting("level", chosen);
  },
  setApiKey: (desk) => askForKey(desk.context),
  manageApprovals: async (desk) => manageApprovals(await desk.runtime()),
  editPolicy: (desk, which) => editPolicy(desk, which),
  manageAgents: async () => vscode.commands.executeCommand("agentOrchestrator.agents.focus"),
  doctor: async (desk) => {
    const document = await vscode.workspace.openTextDocument({ language: "markdown", content: await doctorReport(desk) });
    await vscode.window.showTextDocument(document, { preview: true });
  },
};

export function registerCommands(desk: Desk): vscode.Disposable[] {
  return Object.entries(commands).map(([name, command]) =>
    vscode.commands.registerCommand(`agentOrchestrator.${name}`, async (argument?: unknown) => {
      try {
        return await command(desk, argument);
      } catch (error) {
        void complain(error);
        return undefined;
      }
    }),
  );
}

/** Without a key there is one way on, and it stands beside the words. */
async function complain(fault: unknown): Promise<void> {
  const setKey = vscode.l10n.t("Set API key");
  const ways = (fault as { code?: unknown }).code === "no_key" ? [setKey] : [];
  const answer = await vscode.window.showErrorMessage(inSettingsWords(messageOf(fault)), ...ways);
  if (answer === setKey) await vscode.commands.executeCommand("agentOrchestrator.setApiKey");
}

async function runGoal(desk: Desk, goal: unknown, workflow: string | undefined): Promise<string | undefined> {
  const asked =
    typeof goal === "string"
      ? goal
      : await vscode.window.showInputBox({
          title: vscode.l10n.t("Run a goal"),
          prompt: vscode.l10n.t("What shall the team do?"),
          ignoreFocusOut: true,
        });
  if (!asked?.trim()) return undefined;
  const { sessionId } = await desk.start({ text: asked, attachments: [], ...(workflow ? { workflow } : {}) });
  await showPanel(desk, { sessionId, view: "chat" });
  return sessionId;
}

async function showPanel(desk: Desk, place: ToPanel["show"]): Promise<void> {
  showInPanels(desk, place);
  await vscode.commands.executeCommand(`${viewId}.focus`);
}

/** The session of the group in Source Control that a menu was opened on, else the one in view, else the newest of this folder. */
async function withSession<T>(
  desk: Desk,
  work: (runtime: Runtime, state: SessionState) => Promise<T>,
  group?: unknown,
): Promise<T | undefined> {
  const runtime = await desk.runtime();
  const workspace = workspaceFolder();
  const ofFolder = { limit: 1, ...(workspace === undefined ? {} : { workspace }) };
  const named = (group as Partial<vscode.SourceControlResourceGroup> | undefined)?.id ?? desk.current;
  const [newest] = named === undefined ? await runtime.store.listSessions(ofFolder) : [];
  const state = await runtime.engine.state(named ?? newest?.id ?? "");
  if (state) return work(runtime, state);
  void vscode.window.showInformationMessage(vscode.l10n.t("There is no session yet; give the team a goal first."));
  return undefined;
}

async function applyAll(desk: Desk, { engine }: Runtime, sessionId: string): Promise<{ files: string[]; conflicts: string[] }> {
  const landed = await said(engine.dispatch({ type: "changes.apply", sessionId, by: "user" }));
  if (landed.conflicts.length > 0) tellClash(desk, sessionId, landed.conflicts);
  return landed;
}

async function answerNext(desk: Desk, decision: "approve" | "deny"): Promise<unknown> {
  const { store, engine } = await desk.runtime();
  const next = (await store.listPending()).find((one) => one.kind === "approval" && desk.running.has(one.sessionId));
  const state = next && (await engine.state(next.sessionId));
  const approval = state && pendingApprovals(state).find((one) => one.approvalId === next.id);
  if (!approval) return void vscode.window.showInformationMessage(vscode.l10n.t("No approval is waiting."));
  return said(engine.dispatch({ type: "approval.resolve", sessionId: state.id, approvalId: approval.approvalId, decision, by: "user" }));
}

async function said<T>(answer: Promise<{ ok: true; value: T } | { ok: false; error: { message: string } }>): Promise<T> {
  const given = await answer;
  if (!given.ok) throw new Error(given.error.message);
  return given.value;
}

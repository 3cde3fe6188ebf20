// One item: what the team is doing in this window, how many questions wait, and whether commands are confined. Nothing is
// loaded for it: where commands run is asked once agents work.

import * as vscode from "vscode";
import type { SandboxStatus } from "../core/sandboxPort.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Desk } from "./desk.ts";
import type { WaitingList } from "./waiting.ts";

export function registerStatusBar(desk: Desk, waiting: WaitingList): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("agentOrchestrator.status", vscode.StatusBarAlignment.Left, 10);
  item.name = "Agent Orchestrator";
  item.command = "agentOrchestrator.openPanel";
  const sandbox = sandboxOf(desk);
  const update = (): void => {
    const count = waiting.all().reduce((sum, { approvals, questions }) => sum + approvals.length + questions, 0);
    const running = desk.running.size;
    item.text =
      count > 0
        ? `$(bell-dot) ${vscode.l10n.t("Agents: {0} waiting", count)}`
        : running > 0
          ? `$(sync~spin) ${vscode.l10n.t("Agents working")}`
          : "$(organization) Agents";
    const where = sandbox.known();
    item.tooltip = [vscode.l10n.t("Agent Orchestrator: {0} running, {1} waiting for you.", running, count), ...whereWords(where)].join(" ");
    item.accessibilityInformation = { label: item.tooltip };
    item.backgroundColor = running > 0 && where?.driver === "off" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    if (running > 0) sandbox.ask(update);
  };
  update();
  item.show();
  return vscode.Disposable.from(item, waiting.onChange(update), desk.onChange(update));
}

function whereWords(where: SandboxStatus | undefined): string[] {
  if (!where) return [];
  const { driver, why = "", wanted } = where;
  if (wanted) return [vscode.l10n.t("Commands run unsandboxed: the policy turns it off.")];
  if (driver === "off") return [vscode.l10n.t("Commands run unsandboxed: {0}.", why)];
  return [why === "" ? vscode.l10n.t("Commands run in a sandbox.") : vscode.l10n.t("Commands do not run: {0}.", why)];
}

/** Of the engine that is loaded; another engine is asked anew. */
function sandboxOf(desk: Desk): { known(): SandboxStatus | undefined; ask(then: () => void): void } {
  let asked: Runtime | undefined;
  let status: SandboxStatus | undefined;
  return {
    known: () => (asked !== undefined && asked === desk.loaded() ? status : undefined),
    ask(then) {
      const engine = desk.loaded();
      if (!engine || engine === asked) return;
      [asked, status] = [engine, undefined];
      void engine.sandbox().then((found) => {
        if (asked !== engine) return;
        status = found;
        then();
      });
    },
  };
}

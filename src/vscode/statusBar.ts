// One item: what the team is doing in this window, and how many questions wait. Nothing is loaded for it.

import * as vscode from "vscode";
import type { Desk } from "./desk.ts";
import type { WaitingList } from "./waiting.ts";

export function registerStatusBar(desk: Desk, waiting: WaitingList): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("agentOrchestrator.status", vscode.StatusBarAlignment.Left, 10);
  item.name = "Agent Orchestrator";
  item.command = "agentOrchestrator.openPanel";
  const update = (): void => {
    const count = waiting.all().reduce((sum, { approvals, questions }) => sum + approvals.length + questions, 0);
    const running = desk.running.size;
    item.text =
      count > 0
        ? `$(bell-dot) ${vscode.l10n.t("Agents: {0} waiting", count)}`
        : running > 0
          ? `$(sync~spin) ${vscode.l10n.t("Agents working")}`
          : "$(organization) Agents";
    item.tooltip = vscode.l10n.t("Agent Orchestrator: {0} running, {1} waiting for you. Commands run unsandboxed.", running, count);
    item.accessibilityInformation = { label: item.tooltip };
  };
  update();
  item.show();
  return vscode.Disposable.from(item, waiting.onChange(update), desk.onChange(update));
}

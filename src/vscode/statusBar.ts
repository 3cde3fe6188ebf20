// One item: what the team is doing in this window, and how many questions wait. Nothing is loaded for it.

import * as vscode from "vscode";
import type { SessionState } from "../protocol/state.ts";
import { pendingApprovals, pendingInterrupts } from "../protocol/state.ts";
import type { Desk } from "./desk.ts";

const everyMs = 1_000;

export function registerStatusBar(desk: Desk): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("agentOrchestrator.status", vscode.StatusBarAlignment.Left, 10);
  item.name = "Agent Orchestrator";
  item.command = "agentOrchestrator.openPanel";
  const update = async (): Promise<void> => {
    const waiting = await countWaiting(desk);
    const running = desk.running.size;
    item.text =
      waiting > 0
        ? `$(bell-dot) ${vscode.l10n.t("Agents: {0} waiting", waiting)}`
        : running > 0
          ? `$(sync~spin) ${vscode.l10n.t("Agents working")}`
          : "$(organization) Agents";
    item.tooltip = vscode.l10n.t("Agent Orchestrator: {0} running, {1} waiting for you. Commands run unsandboxed.", running, waiting);
    item.accessibilityInformation = { label: item.tooltip };
  };
  let timer: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    void update();
    if (desk.running.size > 0) timer ??= setInterval(() => void update(), everyMs);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const listening = desk.onChange(refresh);
  refresh();
  item.show();
  return vscode.Disposable.from(item, listening, new vscode.Disposable(() => clearInterval(timer)));
}

async function countWaiting(desk: Desk): Promise<number> {
  const runtime = desk.loaded();
  if (!runtime) return 0;
  const states = await Promise.all([...desk.running.keys()].map((id) => runtime.engine.state(id)));
  return states
    .filter((state): state is SessionState => state !== undefined)
    .reduce((sum, state) => sum + pendingApprovals(state).length + pendingInterrupts(state).length, 0);
}

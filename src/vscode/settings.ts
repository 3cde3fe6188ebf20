// The user's settings, typed, with the defaults of package.json. Keys are never settings: they live in SecretStorage.

import * as vscode from "vscode";
import { type Budget, type Level, levels } from "../protocol/agents.ts";

export type Settings = {
  model: string;
  /** Absent where nobody has set it: then the policy says. */
  level?: Level;
  workflow: string;
  applyAtEnd: boolean;
  budget: Budget;
  resumeOnOpen: "ask" | "always" | "never";
  dataDir: string;
};

const fallbackBudget: Budget = { usd: 5, tokens: 2_000_000, turns: 400, minutes: 60, depth: 4, parallel: 4 };

/**
 * A project's own settings reach whoever opens it: what permits or spends more counts from the user's settings alone, and
 * the project's can only hold it lower.
 */
export function readSettings(): Settings {
  const all = vscode.workspace.getConfiguration("agentOrchestrator");
  const tightest = <T>(key: string, order: readonly T[], fallback: T): T =>
    order[Math.min(...wordsOn(all, key, (value) => order.includes(value as T), fallback).map((value) => order.indexOf(value)))]!;
  const lowest = (key: string, fallback: number): number =>
    Math.min(...wordsOn(all, key, (value) => typeof value === "number" && value > 0, fallback));
  return {
    model: all.get("model", ""),
    ...(isSet(all, "level") ? { level: tightest<Level>("level", levels, "default") } : {}),
    workflow: all.get("workflow", "auto"),
    applyAtEnd: tightest("applyAtEnd", [false, true], false),
    budget: {
      ...fallbackBudget,
      usd: lowest("budget.usd", fallbackBudget.usd),
      minutes: lowest("budget.minutes", fallbackBudget.minutes),
      parallel: lowest("budget.parallel", fallbackBudget.parallel),
    },
    resumeOnOpen: tightest("resumeOnOpen", ["never", "ask", "always"] as const, "ask"),
    dataDir: all.get("dataDir", ""),
  };
}

function isSet(all: vscode.WorkspaceConfiguration, key: string): boolean {
  const { globalValue, workspaceValue, workspaceFolderValue } = all.inspect(key) ?? {};
  return [globalValue, workspaceValue, workspaceFolderValue].some((value) => value !== undefined);
}

/** The user's value, or the default where that is no usable one, and what the project's settings say to it. */
function wordsOn<T>(all: vscode.WorkspaceConfiguration, key: string, usable: (value: unknown) => boolean, fallback: T): T[] {
  const { globalValue, defaultValue, workspaceValue, workspaceFolderValue } = all.inspect<T>(key) ?? {};
  const users = [globalValue, defaultValue, fallback].find((value) => value !== undefined && usable(value)) as T;
  return [users, ...[workspaceValue, workspaceFolderValue].filter((value): value is T => value !== undefined && usable(value))];
}

export async function writeSetting(key: "model" | "level" | "workflow", value: string): Promise<void> {
  await vscode.workspace.getConfiguration("agentOrchestrator").update(key, value, vscode.ConfigurationTarget.Global);
  if (readSettings()[key] === value) return;
  void vscode.window.showInformationMessage(
    vscode.l10n.t("Your setting is written; in this folder the project's own settings go before it."),
  );
}

/** What the engine says of its data folder, in the editor's words: here it is a setting and no environment variable. */
export function inSettingsWords(message: string): string {
  return message.replaceAll("AO_DATA_DIR", vscode.l10n.t("`agentOrchestrator.dataDir` in the settings"));
}

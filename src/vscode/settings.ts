// The user's settings, typed, with the defaults of package.json. Keys are never settings: they live in SecretStorage.

import * as vscode from "vscode";
import { type Budget, type Level, levels } from "../protocol/agents.ts";

export type Settings = {
  model: string;
  level: Level;
  workflow: string;
  applyAtEnd: boolean;
  budget: Budget;
  resumeOnOpen: "ask" | "always" | "never";
  dataDir: string;
};

const fallbackBudget: Budget = { usd: 5, tokens: 2_000_000, turns: 400, minutes: 60, depth: 4, parallel: 4 };

export function readSettings(): Settings {
  const all = vscode.workspace.getConfiguration("agentOrchestrator");
  const level = all.get<string>("level", "default");
  return {
    model: all.get("model", ""),
    level: levels.includes(level as Level) ? (level as Level) : "default",
    workflow: all.get("workflow", "auto"),
    applyAtEnd: all.get("applyAtEnd", false),
    budget: {
      ...fallbackBudget,
      usd: all.get("budget.usd", fallbackBudget.usd),
      minutes: all.get("budget.minutes", fallbackBudget.minutes),
      parallel: all.get("budget.parallel", fallbackBudget.parallel),
    },
    resumeOnOpen: all.get("resumeOnOpen", "ask"),
    dataDir: all.get("dataDir", ""),
  };
}

export async function writeSetting(key: "model" | "level" | "workflow", value: string): Promise<void> {
  await vscode.workspace.getConfiguration("agentOrchestrator").update(key, value, vscode.ConfigurationTarget.Global);
}

/** What the engine says of its data folder, in the editor's words: here it is a setting and no environment variable. */
export function inSettingsWords(message: string): string {
  return message.replaceAll("AO_DATA_DIR", vscode.l10n.t("`agentOrchestrator.dataDir` in the settings"));
}

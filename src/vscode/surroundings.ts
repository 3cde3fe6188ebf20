// What the editor can do for the interface: facts about folder, models and agents, and actions on files.

import { realpathSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import { levelUnder, noPolicy } from "../core/policy.ts";
import type { HostFacts, ModelChoice, ToHost } from "../protocol/panel.ts";
import type { Surroundings } from "../runtime/panel.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { joinByHand } from "./clashes.ts";
import { openChanges, openDiff } from "./changes.ts";
import { hasGit } from "./commitResult.ts";
import { type Desk, trustedFolder } from "./desk.ts";
import { demoModel, findModels } from "./findModels.ts";
import { findMentions } from "./mentions.ts";
import { askForKey, lacksKey } from "./secrets.ts";
import { readSettings, writeSetting } from "./settings.ts";

export function surroundingsOf(desk: Desk, runtime: Runtime): Surroundings {
  return {
    facts: () => factsOf(desk, runtime),
    prompt: async (request) => {
      const started = await desk.start(request);
      desk.current = started.sessionId;
      return started;
    },
    resume: (sessionId) => desk.resume(sessionId),
    followUp: (command) => desk.followUp(command),
    isRunning: (sessionId) => desk.running.has(sessionId) || desk.elsewhere.has(sessionId),
    isHere: (workspace) =>
      (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.fsPath === workspace || realOf(uri.fsPath) === workspace),
    mention: async (text) => ({ items: await findMentions(text) }),
    editor: (request) => actInEditor(desk, request),
    settings: async ({ level, workflow, model }) => {
      if (level !== undefined) await writeSetting("level", level);
      if (workflow !== undefined) await writeSetting("workflow", workflow);
      if (model !== undefined) await writeSetting("model", model);
    },
  };
}

/** Sessions are on record with the real path of their folder. */
function realOf(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

/** A model is chosen whose key nobody has set. */
async function keyTrouble(desk: Desk, runtime: Runtime | undefined, model: string | undefined): Promise<HostFacts["trouble"]> {
  if (!runtime || !model || runtime.models.resolve(model).ok || !(await lacksKey(desk.context, model))) return undefined;
  const action = { label: vscode.l10n.t("Set API key"), command: "agentOrchestrator.setApiKey" };
  return { code: "no_key", message: vscode.l10n.t("The model {0} needs an API key.", model), action };
}

/** Without an engine there are no agents to tell of, and the trouble says why. */
export async function factsOf(desk: Desk, runtime: Runtime | undefined): Promise<HostFacts> {
  const [{ demoGoal }, { forecastOf }] = await Promise.all([import("../runtime/demoGoal.ts"), import("../runtime/forecast.ts")]);
  const withForecast = (choice: ModelChoice): ModelChoice => {
    const forecast = runtime && forecastOf(runtime.models, choice.name);
    return forecast ? { ...choice, forecast } : choice;
  };
  const settings = readSettings();
  const models = await findModels(desk);
  const model = settings.model || models[0]?.name;
  const trouble = desk.trouble() ?? (await keyTrouble(desk, runtime, model));
  const policy = (await runtime?.policy(trustedFolder() ?? "")) ?? noPolicy;
  return {
    product: "Agent Orchestrator",
    version: (desk.context.extension.packageJSON as { version?: string }).version ?? "",
    workspaces: (vscode.workspace.workspaceFolders ?? []).map((folder) => ({ name: folder.name, path: folder.uri.fsPath })),
    trusted: vscode.workspace.isTrusted,
    models: [...models.map(withForecast), { ...demoModel, example: await demoGoal() }],
    ...(model ? { model } : {}),
    level: levelUnder(policy, settings.level),
    workflow: settings.workflow,
    workflows: runtime?.registry.workflows().map(({ id, description }) => ({ id, description })) ?? [],
    agents: runtime?.registry.agents().map(({ id, name, description, role }) => ({ id, name, description, role })) ?? [],
    problems: [...policy.problems, ...(runtime?.registry.problems().filter(({ note }) => !note) ?? [])],
    editor: true,
    ...(hasGit() ? { sourceControl: true as const } : {}),
    ...(trouble ? { trouble } : {}),
  };
}

/** Works without an engine too, except for what is on record: the way out of a trouble must stay open. */
export async function actInEditor(desk: Desk, request: ToHost["editor"]): Promise<void> {
  const { action, path, line, text = "", sessionId = desk.current } = request;
  const wayOut = desk.trouble()?.action?.command;
  if (wayOut !== undefined && text === wayOut) return vscode.commands.executeCommand(wayOut);
  switch (action) {
    case "openFile":
      return openFile(path ?? "", line);
    case "openDiff":
      return sessionId ? openDiff(sessionId, path ?? "") : undefined;
    case "openChanges":
      return sessionId ? openChanges(await desk.runtime(), sessionId) : undefined;
    case "commit":
      return vscode.commands.executeCommand("agentOrchestrator.commitResult", { id: sessionId });
    case "toSourceControl":
      return vscode.commands.executeCommand("agentOrchestrator.messageToSourceControl", { id: sessionId });
    case "join":
      if (sessionId) await joinByHand(desk, sessionId, path === undefined ? undefined : [path]);
      return;
    case "insert":
      await vscode.window.activeTextEditor?.edit((edit) => edit.replace(vscode.window.activeTextEditor!.selection, text));
      return;
    case "copy":
      return vscode.env.clipboard.writeText(text);
    case "export":
      return sessionId ? exportTrace(await desk.runtime(), sessionId) : undefined;
    case "setKey":
      await askForKey(desk.context, text);
      return;
    case "pickModel":
      return vscode.commands.executeCommand("agentOrchestrator.selectModel");
    case "openSettings":
      return vscode.commands.executeCommand("workbench.action.openSettings", "@ext:agent-orchestrator.agent-orchestrator");
    case "openWalkthrough":
      return vscode.commands.executeCommand("workbench.action.openWalkthrough", "agent-orchestrator.agent-orchestrator#start");
    case "openFolder":
      return vscode.commands.executeCommand("vscode.openFolder");
  }
}

async function openFile(path: string, line: number | undefined): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) return;
  const uri = isAbsolute(path) ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder.uri, path);
  const at = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), preview: true });
}

/** The whole record of a session, one event per line, where the user says. */
export async function exportTrace({ store }: Runtime, sessionId: string, chosen?: vscode.Uri): Promise<void> {
  const saveLabel = vscode.l10n.t("Export trace");
  const defaultUri = vscode.Uri.file(`${sessionId}.jsonl`);
  const target = chosen ?? (await vscode.window.showSaveDialog({ saveLabel, filters: { "JSON lines": ["jsonl"] }, defaultUri }));
  if (!target) return;
  const events = await store.read(sessionId, {});
  await writeFile(target.fsPath, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
}

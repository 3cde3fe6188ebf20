// The team as a tree: specialists with their sub-agents, where each comes from, and what is wrong with those that were left
// out. New agents and changes are files; the engine reads them again when no run goes on.

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import type { AgentDefinition } from "../protocol/agents.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { toggleAgent } from "../runtime/toggleAgent.ts";
import { type Desk, workspaceFolder } from "./desk.ts";

type Node = { kind: "agent"; agent: AgentDefinition } | { kind: "problem"; file: string; line: number; message: string };

const viewId = "agentOrchestrator.agents";

export function registerAgentsTree(desk: Desk): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    async getChildren(node) {
      const { registry } = await desk.runtime();
      if (node?.kind === "problem") return [];
      if (node)
        return node.agent.subAgents.map((id) => registry.agent(id)).flatMap((agent) => (agent ? [{ kind: "agent" as const, agent }] : []));
      const below = new Set(registry.agents().flatMap((agent) => agent.subAgents));
      const tops = registry.agents().filter((agent) => !below.has(agent.id));
      return [
        ...tops.map((agent): Node => ({ kind: "agent", agent })),
        ...registry.problems().map((problem): Node => ({ kind: "problem", ...problem })),
      ];
    },
  };
  const reload = async (): Promise<void> => {
    await desk.reload();
    // Whatever shows agents or their faults shows the new ones.
    await desk.runtime().catch(() => undefined);
    changed.fire();
  };
  const watching = watchDefinitions(desk, () => void reload());
  return [
    changed,
    watching,
    vscode.window.registerTreeDataProvider(viewId, provider),
    vscode.commands.registerCommand("agentOrchestrator.newAgent", async (name?: unknown) => newAgent(reload, name)),
    vscode.commands.registerCommand("agentOrchestrator.editAgent", async (node?: unknown) => editAgent(await desk.runtime(), node)),
    vscode.commands.registerCommand("agentOrchestrator.toggleAgent", async (node?: unknown) => {
      const id = agentOf(node)?.id ?? node;
      if (typeof id === "string") await toggleAgent(await desk.runtime(), id);
      await reload();
    }),
    vscode.commands.registerCommand("agentOrchestrator.validateAgents", async () => {
      await reload();
      return validate(await desk.runtime());
    }),
  ];
}

/** Where a project keeps agents and workflows. */
const definitions = [".agents/**", ".claude/agents/*.md", ".github/agents/*.agent.md", "agents.{yaml,yml,json}"];
const settleMs = 200;

/** Files of the project by whoever writes them, the user's own as they are saved here. Nothing is read before the first use. */
function watchDefinitions(desk: Desk, reload: () => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => desk.loaded() && reload(), settleMs);
  };
  const isOwn = (file: string): boolean =>
    desk
      .loaded()
      ?.registry.agents()
      .some((agent) => agent.file === file) ?? false;
  const saved = vscode.workspace.onDidSaveTextDocument(({ uri }) => isOwn(uri.fsPath) && changed());
  const patterns = (vscode.workspace.workspaceFolders ?? []).flatMap((folder) =>
    definitions.map((pattern) => new vscode.RelativePattern(folder, pattern)),
  );
  const watchers = patterns.map((pattern) => {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    return vscode.Disposable.from(watcher, watcher.onDidCreate(changed), watcher.onDidChange(changed), watcher.onDidDelete(changed));
  });
  return vscode.Disposable.from(saved, ...watchers, { dispose: () => clearTimeout(timer) });
}

function itemOf(node: Node): vscode.TreeItem {
  if (node.kind === "problem") {
    const item = new vscode.TreeItem(basename(node.file));
    item.description = node.message;
    item.tooltip = `${node.file}:${node.line}: ${node.message}`;
    item.iconPath = new vscode.ThemeIcon("warning");
    item.command = { title: "", command: "vscode.open", arguments: [vscode.Uri.file(node.file)] };
    return item;
  }
  const { agent } = node;
  const item = new vscode.TreeItem(
    agent.id,
    agent.subAgents.length > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None,
  );
  const off = agent.enabled === false;
  item.description = [off ? vscode.l10n.t("disabled") : "", agent.source === "bundled" ? "" : agent.source, agent.description]
    .filter(Boolean)
    .join(" · ");
  item.iconPath = new vscode.ThemeIcon(off ? "circle-slash" : "person");
  item.contextValue = off ? "agent.disabled" : "agent.enabled";
  item.command = { title: "", command: "agentOrchestrator.editAgent", arguments: [node] };
  return item;
}

async function newAgent(reload: () => Promise<void>, name: unknown): Promise<string | undefined> {
  const folder = workspaceFolder();
  if (folder === undefined) return void vscode.window.showErrorMessage(vscode.l10n.t("Open a folder first; a new agent is a file in it."));
  const asked =
    typeof name === "string"
      ? name
      : await vscode.window.showInputBox({ title: vscode.l10n.t("New agent"), prompt: vscode.l10n.t("A short name, like `migrations`") });
  const id = asked
    ?.trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, "-");
  if (!id) return undefined;
  const file = join(folder, ".agents", `${id}.md`);
  await mkdir(join(folder, ".agents"), { recursive: true });
  await writeFile(file, template(id), { flag: "wx" });
  await reload();
  await vscode.window.showTextDocument(vscode.Uri.file(file));
  return file;
}

function template(id: string): string {
  return `---
id: ${id}
name: ${id}
role: specialist
description: Say in a sentence what it is for.
tools: ["filesystem__*", "git__diff", "shell__run", "agents__submit_result"]
---
Say how it shall work: what to read first, what to change, what to check before it hands in its result.
`;
}

/** A bundled blueprint opens as it is, to be read; one of the user's or the folder's to be changed. */
async function editAgent({ registry }: Runtime, node: unknown): Promise<void> {
  const file = agentOf(node)?.file ?? (typeof node === "string" ? registry.agent(node)?.file : undefined);
  if (file) await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: true });
}

function agentOf(node: unknown): AgentDefinition | undefined {
  return (node as Partial<Extract<Node, { kind: "agent" }>> | undefined)?.agent;
}

async function validate({ registry }: Runtime): Promise<number> {
  const problems = registry.problems();
  if (problems.length === 0)
    void vscode.window.showInformationMessage(vscode.l10n.t("All {0} agents are in order.", registry.agents().length));
  else {
    const content = `# What is wrong with agents and workflows\n\n${problems.map(({ file, line, message }) => `- ${file}:${line}: ${message}`).join("\n")}\n`;
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: "markdown", content }));
  }
  return problems.length;
}

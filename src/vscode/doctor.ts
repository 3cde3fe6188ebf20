// What works in this editor, each by trying it, as a page to read.

import * as vscode from "vscode";
import type { SandboxStatus } from "../core/sandboxPort.ts";
import { messageOf } from "../protocol/result.ts";
import type { Desk } from "./desk.ts";
import { findModels } from "./findModels.ts";
import { serverLines } from "./mcpClients.ts";

function sandboxLine({ driver, why }: SandboxStatus): string {
  if (driver === "off") return `- Sandbox: none; commands run unsandboxed, since ${why ?? "the policy turns it off"}`;
  return why === undefined
    ? `- Sandbox: ${driver}; a trial command wrote in its own folder, nowhere else, and reached no network`
    : `- Sandbox: ${driver}, but no command runs: ${why}`;
}

export async function doctorReport(desk: Desk): Promise<string> {
  const lines = [
    `# Agent Orchestrator: doctor`,
    "",
    `- Editor: ${vscode.env.appName} ${vscode.version}, Node ${process.versions.node}, SQLite ${process.versions["sqlite"] ?? "?"}`,
  ];
  try {
    const { dataDir, store, registry, sandbox } = await desk.runtime();
    const sessions = await store.listSessions({ limit: 1000 });
    lines.push(
      `- Store: ${dataDir} (${sessions.length} sessions)`,
      `- Agents: ${registry.agents().length}, workflows: ${registry.workflows().length}`,
    );
    lines.push(sandboxLine(await sandbox()), ...(await serverLines(desk)));
    for (const { file, line, message } of registry.problems()) lines.push(`- Left out: ${file}:${line}: ${message}`);
  } catch (error) {
    lines.push(`- Engine: ${messageOf(error)}`);
  }
  const models = await findModels(desk);
  lines.push(`- Models: ${models.map(({ name }) => name).join(", ") || "none found; set an API key or start LM Studio or Ollama"}`);
  const trouble = desk.trouble();
  if (trouble) lines.push(`- Trouble: ${trouble.message}`);
  return `${lines.join("\n")}\n`;
}

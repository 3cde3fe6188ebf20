// What works in this editor, each by trying it, as a page to read.

import * as vscode from "vscode";
import { messageOf } from "../protocol/result.ts";
import type { Desk } from "./desk.ts";
import { findModels } from "./findModels.ts";
import { serverLines } from "./mcpClients.ts";

export async function doctorReport(desk: Desk): Promise<string> {
  const lines = [
    `# Agent Orchestrator: doctor`,
    "",
    `- Editor: ${vscode.env.appName} ${vscode.version}, Node ${process.versions.node}, SQLite ${process.versions["sqlite"] ?? "?"}`,
  ];
  try {
    const { dataDir, store, registry } = await desk.runtime();
    const sessions = await store.listSessions({ limit: 1000 });
    lines.push(
      `- Store: ${dataDir} (${sessions.length} sessions)`,
      `- Agents: ${registry.agents().length}, workflows: ${registry.workflows().length}`,
    );
    lines.push(...(await serverLines(desk)));
    for (const { file, line, message } of registry.problems()) lines.push(`- Left out: ${file}:${line}: ${message}`);
  } catch (error) {
    lines.push(`- Engine: ${messageOf(error)}`);
  }
  const models = await findModels(desk);
  lines.push(`- Models: ${models.map(({ name }) => name).join(", ") || "none found; set an API key or start LM Studio or Ollama"}`);
  lines.push("- Sandbox: none yet; commands run unsandboxed in the agent's own folder and are asked at level default");
  const trouble = desk.trouble();
  if (trouble) lines.push(`- Trouble: ${trouble.message}`);
  return `${lines.join("\n")}\n`;
}

// The team as an MCP server for the editor's own agents: `ao mcp` of this very package, over the same record as the panel.
// Described here, started by the editor when somebody wants it; keys are handed over only then.

import * as vscode from "vscode";
import { type Desk, workspaceFolder } from "./desk.ts";
import { readSecrets } from "./secrets.ts";
import { readSettings } from "./settings.ts";

const providerId = "agentOrchestrator.sessions";

export type McpServers = vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>;

export function mcpServers({ context, onChange }: Pick<Desk, "context" | "onChange">): McpServers {
  return {
    onDidChangeMcpServerDefinitions: onChange,
    provideMcpServerDefinitions: () => {
      const folder = workspaceFolder();
      return folder === undefined || !vscode.workspace.isTrusted ? [] : [definitionFor(context, folder)];
    },
    resolveMcpServerDefinition: async (server) => {
      server.env = { ...server.env, ...(await readSecrets(context)) };
      return server;
    },
  };
}

export function registerMcpServers(provider: McpServers): vscode.Disposable {
  return vscode.lm.registerMcpServerDefinitionProvider(providerId, provider);
}

function definitionFor({ extensionUri, extension }: vscode.ExtensionContext, folder: string): vscode.McpStdioServerDefinition {
  const { model, level, dataDir } = readSettings();
  const program = vscode.Uri.joinPath(extensionUri, "dist", "cli.js").fsPath;
  // The editor's own models live in its window: another process chooses among the rest.
  const chosen = model && !model.startsWith("vscode:") ? ["--model", model] : [];
  const args = [program, "mcp", "--workspace", folder, ...(level ? ["--level", level] : []), ...chosen];
  const env = { ELECTRON_RUN_AS_NODE: "1", ...(dataDir ? { AO_DATA_DIR: dataDir } : {}) };
  const { version } = extension.packageJSON as { version: string };
  const server = new vscode.McpStdioServerDefinition("Agent Orchestrator", process.execPath, args, env, version);
  server.cwd = vscode.Uri.file(folder);
  return server;
}

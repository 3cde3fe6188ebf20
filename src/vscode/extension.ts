// The extension's entry. Activation registers names and nothing more: the engine is loaded when the user first acts,
// and no network is touched before that.

import * as vscode from "vscode";
import { registerAgentFiles } from "./agentFiles.ts";
import { registerPolicyFiles } from "./policyFiles.ts";
import { registerAgentsTree } from "./agentsTree.ts";
import { registerChat } from "./chat.ts";
import { registerChanges } from "./changes.ts";
import { type AgentComments, registerComments } from "./comments.ts";
import { registerCommands } from "./commands.ts";
import { createDesk, type Desk } from "./desk.ts";
import { registerEditApprovals } from "./editApprovals.ts";
import { registerEditorActions } from "./editorActions.ts";
import { registerMcpClients } from "./mcpClients.ts";
import { type McpServers, mcpServers, registerMcpServers } from "./mcpServer.ts";
import { registerPanel } from "./panelView.ts";
import { registerSessionTools } from "./sessionTools.ts";
import { type AgentChanges, registerSourceControl } from "./sourceControl.ts";
import { registerStatusBar } from "./statusBar.ts";
import { watchWaiting } from "./waiting.ts";
import { registerWhoWrote } from "./whoWrote.ts";

let desk: Desk | undefined;

/** What tests and other extensions may use. */
export type Api = { desk: Desk; mcp: McpServers; agentChanges: AgentChanges; agentComments: AgentComments; activationMs: number };

export function activate(context: vscode.ExtensionContext): Api {
  const began = performance.now();
  const present = createDesk(context);
  desk = present;
  const waiting = watchWaiting(present);
  const agentChanges = registerSourceControl(present, waiting);
  context.subscriptions.push(registerPanel(present), registerChanges(present, waiting), registerChat(present));
  const mcp = mcpServers(present);
  context.subscriptions.push(registerMcpServers(mcp), registerMcpClients(present));
  context.subscriptions.push(waiting, agentChanges, registerStatusBar(present, waiting), registerEditApprovals(present, waiting));
  const agentComments = registerComments(present, waiting);
  context.subscriptions.push(registerWhoWrote(present, waiting), agentComments);
  context.subscriptions.push(
    ...registerCommands(present),
    ...registerAgentsTree(present),
    ...registerAgentFiles(present),
    ...registerPolicyFiles(present),
    ...registerEditorActions(),
    ...registerSessionTools(present),
  );
  context.subscriptions.push(
    vscode.workspace.onDidChangeWorkspaceFolders(() => present.changed()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => present.changed()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      // Another record is another engine.
      if (event.affectsConfiguration("agentOrchestrator.dataDir")) void present.reload();
      else if (event.affectsConfiguration("agentOrchestrator")) present.changed();
    }),
    context.secrets.onDidChange(() => void present.secretsChanged()),
  );
  return { desk: present, mcp, agentChanges, agentComments, activationMs: performance.now() - began };
}

/** The window closes: runs stop where they are and are on record; the next window goes on with them. */
export async function deactivate(): Promise<void> {
  await desk?.close();
}

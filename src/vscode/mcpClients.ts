// What a person does with external MCP servers: see them all, accept those that the project brings, read in the doctor's page
// what came of them. Which ones may be used is acceptedServers.ts.

import { basename } from "node:path";
import * as vscode from "vscode";
import { messageOf } from "../protocol/result.ts";
import type { ServerDefinition } from "../runtime/servers.ts";
import { accepted, findServers, setAccepted, setting } from "./acceptedServers.ts";
import { type Desk, trustedFolder } from "./desk.ts";

/** Lists all servers; picking one of the project accepts it, or takes that back. */
async function manageServers(desk: Desk, named: unknown): Promise<boolean | undefined> {
  const { own, project } = await findServers(trustedFolder());
  const known = new Set(accepted(desk.context));
  const items = project.servers.map((server) => ({
    server,
    label: server.name,
    description: known.has(server.hash)
      ? vscode.l10n.t("accepted; pick it to leave it out")
      : vscode.l10n.t("not used; pick it to accept it"),
    detail: `${server.source}: ${server.shown}`,
  }));
  const rest = [
    ...own.servers.map(({ name, source, shown }) => ({ server: undefined, label: name, description: source, detail: shown })),
    ...[...own.problems, ...project.problems].map((problem) => ({ server: undefined, label: `$(warning) ${problem}` })),
  ];
  if (items.length + rest.length === 0) {
    const words = vscode.l10n.t("There are no MCP servers: name some in .vscode/mcp.json, .mcp.json or the setting {0}.", setting);
    return void vscode.window.showInformationMessage(words);
  }
  const chosen =
    items.find(({ server }) => server.name === named) ??
    (await vscode.window.showQuickPick([...items, ...rest], { title: vscode.l10n.t("MCP servers for agents"), matchOnDetail: true }));
  if (!chosen?.server) return undefined;
  const yes = !known.has(chosen.server.hash);
  await setAccepted(desk, chosen.server, yes);
  return yes;
}

/** For the doctor's page. */
export async function serverLines(desk: Desk): Promise<string[]> {
  const { own, project } = await findServers(trustedFolder());
  const known = new Set(accepted(desk.context));
  const reports = new Map(
    desk
      .loaded()
      ?.servers()
      .map((one) => [one.name, one]),
  );
  const say = ({ name, shown }: ServerDefinition): string => {
    const { problem, tools = [] } = reports.get(name) ?? {};
    return `- MCP server ${name} (${shown}): ${problem ?? (tools.length > 0 ? tools.join(", ") : "not started yet")}`;
  };
  return [
    ...own.servers.map(say),
    ...project.servers.map((one) => (known.has(one.hash) ? say(one) : `- MCP server ${one.name} (${one.shown}): not accepted`)),
    ...[...own.problems, ...project.problems].map((problem) => `- MCP server left out: ${problem}`),
  ];
}

export function registerMcpClients(desk: Desk): vscode.Disposable {
  const again = (): void => void (desk.loaded() && desk.reload());
  return vscode.Disposable.from(
    vscode.workspace.onDidSaveTextDocument(({ fileName }) => ["mcp.json", ".mcp.json"].includes(basename(fileName)) && again()),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration(setting) && again()),
    vscode.commands.registerCommand("agentOrchestrator.manageServers", async (name?: unknown) => {
      try {
        return await manageServers(desk, name);
      } catch (error) {
        void vscode.window.showErrorMessage(messageOf(error));
        return undefined;
      }
    }),
  );
}

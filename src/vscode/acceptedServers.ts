// External MCP servers that agents may use: those of the user's own setting, and those that the project's files bring once
// the user has accepted exactly that entry. Nothing of an untrusted folder is read, and nothing is started here.

import * as vscode from "vscode";
import type { ReadServers, ServerDefinition } from "../runtime/servers.ts";
import type { Desk } from "./desk.ts";

const acceptedKey = "acceptedServers";
export const setting = "agentOrchestrator.mcpServers";
/** Entries that the user was asked about in this window. */
const askedFor = new Set<string>();

type Found = { own: ReadServers; project: ReadServers };

/** `folder` is the project's, where it is trusted. */
export async function findServers(folder: string | undefined): Promise<Found> {
  const { readProjectServers, readServers } = await import("../runtime/servers.ts");
  const { env } = process;
  const configured = vscode.workspace.getConfiguration().inspect(setting)?.globalValue;
  const own = readServers(configured, { source: vscode.l10n.t("your settings"), folder, env });
  return { own, project: folder === undefined ? { servers: [], problems: [] } : await readProjectServers(folder, env) };
}

export function accepted({ globalState }: vscode.ExtensionContext): string[] {
  return globalState.get<string[]>(acceptedKey, []);
}

/** What may be started. The user's own server stands before one of the project with its name. */
export async function usableServers(context: vscode.ExtensionContext, folder: string | undefined): Promise<ServerDefinition[]> {
  const { own, project } = await findServers(folder);
  const known = new Set(accepted(context));
  const names = new Set(own.servers.map(({ name }) => name));
  return [...own.servers, ...project.servers.filter(({ name, hash }) => known.has(hash) && !names.has(name))];
}

/** Asks about each entry that the project brings and nobody has accepted; once a window. */
export async function askForServers(desk: Desk, folder: string | undefined): Promise<void> {
  const { project } = await findServers(folder);
  const known = new Set(accepted(desk.context));
  for (const server of project.servers.filter(({ hash }) => !known.has(hash) && !askedFor.has(hash))) {
    askedFor.add(server.hash);
    const accept = vscode.l10n.t("Let agents use it");
    const question = vscode.l10n.t('{0} brings the MCP server "{1}": {2}', server.source, server.name, server.shown);
    const answer = await vscode.window.showInformationMessage(question, accept, vscode.l10n.t("Leave it out"));
    if (answer === accept) await setAccepted(desk, server, true);
  }
}

export async function setAccepted(desk: Desk, { hash }: ServerDefinition, yes: boolean): Promise<void> {
  const others = accepted(desk.context).filter((one) => one !== hash);
  await desk.context.globalState.update(acceptedKey, yes ? [...others, hash] : others);
  await desk.reload();
}

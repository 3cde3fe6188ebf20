// A result that clashes with the person's own edits: joined by them, three ways in the editor for merges, or by the agents
// that wrote it. Nothing here writes a file: what is joined is typed, and saved, by the person alone.

import { existsSync } from "node:fs";
import * as vscode from "vscode";
import { isOpen } from "../core/landingEnd.ts";
import { isKnown } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { openChanges, sidesOf } from "./changes.ts";
import type { Desk } from "./desk.ts";
import { openFiles } from "./openFiles.ts";

/** Says what is in the way, with the ways out beside it; done once the person has chosen one. */
export async function offerJoin(desk: Desk, sessionId: SessionId, files: string[]): Promise<void> {
  const byHand = vscode.l10n.t("Join in the Merge Editor");
  const byAgent = files.length === 1 ? vscode.l10n.t("Let an Agent Join It") : vscode.l10n.t("Let an Agent Join Them");
  const look = vscode.l10n.t("Show Changes");
  const told = vscode.l10n.t("Nothing was written: you changed the same places in {0}.", files.join(", "));
  const chosen = await vscode.window.showWarningMessage(told, byHand, byAgent, look);
  if (chosen === byHand) await joinByHand(desk, sessionId, files);
  if (chosen === byAgent) await joinByAgents(desk, sessionId);
  if (chosen === look) await openChanges(await desk.runtime(), sessionId);
}

/** Does not wait for what the person chooses. */
export function tellClash(desk: Desk, sessionId: SessionId, files: string[]): void {
  void offerJoin(desk, sessionId, files).catch((error: unknown) => vscode.window.showErrorMessage(messageOf(error)));
}

export async function joinByAgents(desk: Desk, sessionId: SessionId): Promise<void> {
  await desk.followUp({ type: "changes.join", sessionId, by: "user" });
  void vscode.window.showInformationMessage(
    vscode.l10n.t("The agents join their changes with yours; what they make of it waits for you as any result."),
  );
}

/** Opens each of these files, or all that are known to clash; answers those that were opened. */
export async function joinByHand(desk: Desk, sessionId: SessionId, named?: string[]): Promise<string[]> {
  const runtime = await desk.runtime();
  const state = await runtime.engine.state(sessionId);
  const files = state ? (named ?? (await clashesOf(runtime, state))) : [];
  if (!state || files.length === 0) throw new Error(vscode.l10n.t("No file of this result is known to clash with yours; apply it first."));
  for (const path of files) await openMerge(state, path);
  void askWhenJoined(desk, sessionId, files).catch((error: unknown) => vscode.window.showErrorMessage(messageOf(error)));
  return files;
}

/** What was told last of a result that could not be taken, as far as it is still to be decided. */
async function clashesOf({ store }: Runtime, { id, landing }: SessionState): Promise<string[]> {
  if (!isOpen(landing)) return [];
  const events = (await store.read(id, {})).filter(isKnown);
  const told = events.findLast(({ type, payload }) => (type === "landing.done" || type === "landing.part") && payload.conflicts.length > 0);
  const open = new Set(openFiles(landing).map(({ path }) => path));
  return told && "conflicts" in told.payload ? told.payload.conflicts.filter((path) => open.has(path)) : [];
}

/** Three ways: what the session began with, the person's file, what is proposed. Where one of them is missing, side by side. */
async function openMerge(state: SessionState, path: string): Promise<void> {
  const output = vscode.Uri.joinPath(vscode.Uri.file(state.workspace), path);
  const { base, yours, proposed } = sidesOf(state.id, path);
  const isWhole = existsSync(output.fsPath) && state.landing?.files.some((file) => file.path === path && file.kind !== "deleted");
  const sides = {
    base,
    input1: { uri: yours, title: vscode.l10n.t("Yours"), description: vscode.l10n.t("as you have it") },
    input2: { uri: proposed, title: vscode.l10n.t("Proposed"), description: vscode.l10n.t("by the agents") },
    output,
  };
  const merged = isWhole && (await opened("_open.mergeEditor", sides));
  if (merged) return;
  await vscode.commands.executeCommand("vscode.diff", yours, proposed, vscode.l10n.t("{0} (yours and proposed)", path), { preview: false });
  const way = vscode.l10n.t("{0} cannot be shown three ways here: compare both sides, and put into your file what you want of them.", path);
  void vscode.window.showInformationMessage(way);
}

/** False where the editor does not have this command. */
async function opened(command: string, argument: unknown): Promise<boolean> {
  const known = await vscode.commands.getCommands(false);
  if (!known.includes(command)) return false;
  await vscode.commands.executeCommand(command, argument);
  return true;
}

/** The person says when a file is as they want it; only then does it count as taken. */
async function askWhenJoined(desk: Desk, sessionId: SessionId, files: string[]): Promise<void> {
  const done = files.length === 1 ? vscode.l10n.t("I Have Joined It") : vscode.l10n.t("I Have Joined Them");
  const told = vscode.l10n.t("Once {0} holds what you want of both, and is saved, say so: it then counts as taken.", files.join(", "));
  if ((await vscode.window.showInformationMessage(told, done)) === done) await sayJoined(desk, sessionId, files);
}

/** Counts these files as taken, as they are on disk. */
export async function sayJoined(desk: Desk, sessionId: SessionId, files: string[]): Promise<void> {
  const { engine } = await desk.runtime();
  const only = files.map((path) => ({ path }));
  const said = await engine.dispatch({ type: "changes.apply", sessionId, by: "user", only, joined: true });
  if (!said.ok) throw new Error(said.error.message);
  const landing = (await engine.state(sessionId))?.landing;
  if (!isOpen(landing)) return;
  const rest = vscode.l10n.t("Apply the Rest");
  const told = vscode.l10n.t("{0} counts as taken; the other changes still wait.", files.join(", "));
  void vscode.window.showInformationMessage(told, rest).then(async (chosen) => {
    if (chosen === rest) await vscode.commands.executeCommand("agentOrchestrator.applyChanges", { id: sessionId });
  });
}

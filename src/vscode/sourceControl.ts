// Results that wait to be taken, in the editor's Source Control: one group a session, its files with their diffs. There
// only while something waits, so that the view stays the user's own.

import * as vscode from "vscode";
import type { FileChange } from "../protocol/events.ts";
import { messageOf } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { joinByHand, sayJoined, tellClash } from "./clashes.ts";
import { diffCommand } from "./changes.ts";
import type { Desk } from "./desk.ts";
import type { Waiting, WaitingList } from "./waiting.ts";

const id = "agentOrchestrator";
const icons: Record<FileChange["kind"], string> = { added: "diff-added", modified: "diff-modified", deleted: "diff-removed" };

/** A file of a group, as the editor hands it back to a menu's command. */
type Resource = vscode.SourceControlResourceState & { session: string; path: string };

/** For tests: what is shown, as the editor got it. */
export type AgentChanges = vscode.Disposable & { groups(): vscode.SourceControlResourceGroup[] };

export function registerSourceControl(desk: Desk, waiting: WaitingList): AgentChanges {
  let shown: { control: vscode.SourceControl; groups: Map<string, vscode.SourceControlResourceGroup> } | undefined;
  const hide = (): void => {
    for (const group of shown?.groups.values() ?? []) group.dispose();
    shown?.control.dispose();
    shown = undefined;
  };
  const update = (): void => {
    const pending = waiting.all().filter((one): one is Required<Waiting> => one.changes !== undefined);
    if (pending.length === 0) return hide();
    shown ??= { control: makeControl(pending[0]!.state.workspace), groups: new Map() };
    const { control, groups } = shown;
    const current = new Set<string>(pending.map(({ state }) => state.id));
    for (const [session, group] of groups) {
      if (current.has(session)) continue;
      group.dispose();
      groups.delete(session);
    }
    for (const { state, changes } of pending) {
      const group = groups.get(state.id) ?? control.createResourceGroup(state.id, "");
      groups.set(state.id, group);
      group.label = labelOf(state, changes.length);
      group.resourceStates = changes.map((file) => resourceOf(state, file));
    }
    control.count = pending.reduce((sum, { changes }) => sum + changes.length, 0);
  };
  const listening = vscode.Disposable.from(
    waiting.onChange(update),
    vscode.commands.registerCommand("agentOrchestrator.applyFile", (...files: Resource[]) => decide(desk, waiting, "changes.apply", files)),
    vscode.commands.registerCommand("agentOrchestrator.discardFile", (...files: Resource[]) =>
      decide(desk, waiting, "changes.discard", files),
    ),
    forEach("agentOrchestrator.joinFile", async (session, paths) => joinByHand(desk, session, paths)),
    forEach("agentOrchestrator.joinedFile", async (session, paths) => sayJoined(desk, session, paths)),
  );
  return {
    groups: () => [...(shown?.groups.values() ?? [])],
    dispose() {
      listening.dispose();
      hide();
    },
  };
}

/** A command on files of the view, session by session. */
function forEach(command: string, work: (sessionId: string, paths: string[]) => Promise<unknown>): vscode.Disposable {
  return vscode.commands.registerCommand(command, async (...files: Resource[]) => {
    try {
      for (const [session, own] of Map.groupBy(files, (file) => file.session))
        await work(
          session,
          own.map(({ path }) => path),
        );
    } catch (error) {
      void vscode.window.showErrorMessage(messageOf(error));
    }
  });
}

/** All files of a group are the rest of that result. */
async function decide(desk: Desk, waiting: WaitingList, type: "changes.apply" | "changes.discard", files: Resource[]): Promise<void> {
  try {
    const { engine } = await desk.runtime();
    const bySession = Map.groupBy(files, ({ session }) => session);
    for (const [sessionId, chosen] of bySession) {
      const names = new Set(chosen.map(({ path }) => path));
      const open = waiting.all().find(({ state }) => state.id === sessionId)?.changes ?? [];
      const isAll = open.length > 0 && open.every(({ path }) => names.has(path));
      const only = isAll ? {} : { only: [...names].map((path) => ({ path })) };
      const done = await engine.dispatch({ type, sessionId, by: "user", ...only });
      if (!done.ok) throw new Error(done.error.message);
      const conflicts = "conflicts" in done.value ? done.value.conflicts : [];
      if (conflicts.length > 0) tellClash(desk, sessionId, conflicts);
    }
  } catch (error) {
    void vscode.window.showErrorMessage(messageOf(error));
  }
}

function makeControl(workspace: string): vscode.SourceControl {
  const control = vscode.scm.createSourceControl(id, vscode.l10n.t("Agent changes"), vscode.Uri.file(workspace));
  control.inputBox.visible = false;
  return control;
}

function labelOf({ name, id: session, goal, run }: SessionState, count: number): string {
  const asked = (name === session ? (run?.prompt ?? goal) : name).split("\n")[0]!;
  return count === 1
    ? vscode.l10n.t("1 change waits: {0}", asked.slice(0, 60))
    : vscode.l10n.t("{0} changes wait: {1}", count, asked.slice(0, 60));
}

function resourceOf({ id: session, workspace }: SessionState, { path, kind, added, removed }: FileChange): Resource {
  return {
    session,
    path,
    resourceUri: vscode.Uri.joinPath(vscode.Uri.file(workspace), path),
    contextValue: kind,
    command: diffCommand(session, path),
    decorations: {
      strikeThrough: kind === "deleted",
      tooltip: vscode.l10n.t("{0}: {1} lines added, {2} removed", path, added, removed),
      iconPath: new vscode.ThemeIcon(icons[kind]),
    },
  };
}

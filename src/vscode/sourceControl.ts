// Results that wait to be taken, in the editor's Source Control: one group a session, its files with their diffs. There
// only while something waits, so that the view stays the user's own.

import * as vscode from "vscode";
import type { FileChange } from "../protocol/events.ts";
import type { SessionState } from "../protocol/state.ts";
import { diffCommand } from "./changes.ts";
import type { Waiting, WaitingList } from "./waiting.ts";

const id = "agentOrchestrator";
const icons: Record<FileChange["kind"], string> = { added: "diff-added", modified: "diff-modified", deleted: "diff-removed" };

/** For tests: what is shown, as the editor got it. */
export type AgentChanges = vscode.Disposable & { groups(): vscode.SourceControlResourceGroup[] };

export function registerSourceControl(waiting: WaitingList): AgentChanges {
  let shown: { control: vscode.SourceControl; groups: Map<string, vscode.SourceControlResourceGroup> } | undefined;
  const hide = (): void => {
    for (const group of shown?.groups.values() ?? []) group.dispose();
    shown?.control.dispose();
    shown = undefined;
  };
  const update = (): void => {
    const pending = waiting.all().filter((one): one is Waiting & Required<Pick<Waiting, "landing">> => one.landing !== undefined);
    if (pending.length === 0) return hide();
    shown ??= { control: makeControl(pending[0]!.state.workspace), groups: new Map() };
    const { control, groups } = shown;
    const current = new Set<string>(pending.map(({ state }) => state.id));
    for (const [session, group] of groups) {
      if (current.has(session)) continue;
      group.dispose();
      groups.delete(session);
    }
    for (const { state, landing } of pending) {
      const group = groups.get(state.id) ?? control.createResourceGroup(state.id, "");
      groups.set(state.id, group);
      group.label = labelOf(state, landing.files.length);
      group.resourceStates = landing.files.map((file) => resourceOf(state, file));
    }
    control.count = pending.reduce((sum, { landing }) => sum + landing.files.length, 0);
  };
  const listening = waiting.onChange(update);
  return {
    groups: () => [...(shown?.groups.values() ?? [])],
    dispose() {
      listening.dispose();
      hide();
    },
  };
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

function resourceOf(
  { id: session, workspace }: SessionState,
  { path, kind, added, removed }: FileChange,
): vscode.SourceControlResourceState {
  return {
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

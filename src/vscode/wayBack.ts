// Back to a checkpoint, and the undoing of one agent's work: chosen from a list, said before it is done, told after it.

import * as vscode from "vscode";
import type { RollbackPart } from "../protocol/events.ts";
import type { CheckpointId, TaskId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

type Checkpoint = SessionState["checkpoints"][number];
type Choice = vscode.QuickPickItem & { to: CheckpointId };

/**
 * The files that were taken back to the checkpoint that is named, or else picked; undefined when the user turned away.
 * Work in progress inside a run is no place to go back to: the user's files never were like that.
 */
export async function rollBack(runtime: Runtime, state: SessionState, to?: unknown): Promise<string[] | undefined> {
  const checkpoints = state.checkpoints.filter(({ from }) => from === undefined);
  if (checkpoints.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("This session has touched no files: there is nothing to take back."));
    return undefined;
  }
  const choices = await Promise.all(checkpoints.toReversed().map((one) => choiceOf(runtime.store, state, one)));
  const title = vscode.l10n.t("Roll back to a checkpoint");
  const named = choices.find((one) => one.to === to);
  const chosen = named ?? (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }));
  const part = chosen && (await partOf(chosen.label));
  return part && goBack(runtime, state.id, chosen.to, part);
}

/** Also the way to undo a way back. */
async function goBack(runtime: Runtime, sessionId: string, to: CheckpointId, part: Part): Promise<string[]> {
  const known = (await runtime.engine.state(sessionId))?.checkpoints.length;
  const rolled = await runtime.engine.dispatch({ type: "session.rollback", sessionId, to, ...part, by: "user" });
  if (!rolled.ok) throw new Error(rolled.error.message);
  const { files, conflicts } = rolled.value;
  if (conflicts.length > 0)
    throw new Error(
      vscode.l10n.t("Nothing was changed: you edited the same places in {0}. Settle them, then try again.", conflicts.join(", ")),
    );
  const checkpoints = (await runtime.engine.state(sessionId))?.checkpoints ?? [];
  const before = checkpoints.length === known ? undefined : checkpoints.at(-1)?.checkpointId;
  if (before !== undefined) void offerUndo(runtime, sessionId, before, { files, part });
  else
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Nothing is to be taken back: your files hold no later changes of this session."),
    );
  return files;
}

type Taken = { files: string[]; part: Part };

async function offerUndo(runtime: Runtime, sessionId: string, before: CheckpointId, { files, part }: Taken): Promise<void> {
  const undo = vscode.l10n.t("Undo");
  const said =
    files.length > 0
      ? vscode.l10n.t("Took back {0}.", files.join(", "))
      : vscode.l10n.t("Later prompts know nothing of what was asked and done since then.");
  const answer = await vscode.window.showInformationMessage(said, undo);
  if (answer !== undo) return;
  await goBack(runtime, sessionId, before, part).catch((error: unknown) => vscode.window.showErrorMessage(messageOf(error)));
}

async function choiceOf(store: Runtime["store"], { id }: SessionState, { checkpointId, name, seq }: Checkpoint): Promise<Choice> {
  const [event] = await store.read(id, { after: seq - 1, limit: 1 });
  return {
    to: checkpointId,
    label: name,
    description: event ? new Date(event.timestamp).toLocaleString() : "",
  };
}

type Part = { what?: RollbackPart };

/** A list rather than a dialog, as the choice before it. */
async function partOf(name: string): Promise<Part | undefined> {
  const keeps = vscode.l10n.t("Your own edits stay; where they clash nothing is written. It can be undone.");
  const choices: (vscode.QuickPickItem & { part?: Part })[] = [
    { label: `$(discard) ${vscode.l10n.t("Take back the files, and what the session knows")}`, detail: keeps, part: {} },
    {
      label: `$(files) ${vscode.l10n.t("Take back the files alone")}`,
      detail: vscode.l10n.t("Later prompts still know what was asked and done."),
      part: { what: "files" },
    },
    {
      label: `$(comment-discussion) ${vscode.l10n.t("Take back what the session knows alone")}`,
      detail: vscode.l10n.t("The files stay as they are."),
      part: { what: "state" },
    },
    { label: `$(close) ${vscode.l10n.t("Leave everything as it is")}` },
  ];
  return (await vscode.window.showQuickPick(choices, { title: vscode.l10n.t('Back to "{0}"?', name) }))?.part;
}

/** What one agent did, out of what is proposed or out of the files; or back in. */
export async function undoAgent(runtime: Runtime, state: SessionState): Promise<string[] | undefined> {
  const steps = Object.values(state.tasks).filter(({ merged, onto, changed }) => merged && onto && changed?.length);
  if (steps.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No agent of this session has changed files yet."));
    return undefined;
  }
  const choices = steps.map(({ id, assignedAgent = "", goal, changed = [], undone }) => ({
    id,
    again: undone !== undefined,
    label: `$(${undone ? "redo" : "discard"}) ${assignedAgent}`,
    description: changed.join(", "),
    detail: undone ? vscode.l10n.t("Undone; put it back: {0}", goal) : goal,
  }));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t("Whose work is to be undone? All else stays."),
    matchOnDescription: true,
  });
  return chosen && putAway(runtime, state.id, chosen.id, chosen.again);
}

async function putAway(runtime: Runtime, sessionId: string, taskId: TaskId, again: boolean): Promise<string[]> {
  const done = await runtime.engine.dispatch({ type: "work.undo", sessionId, of: { taskId }, ...(again ? { again } : {}), by: "user" });
  if (!done.ok) throw new Error(done.error.message);
  const { files, conflicts, proposed } = done.value;
  if (conflicts.length > 0)
    throw new Error(
      vscode.l10n.t("Nothing was changed: later changes are in the same places of {0}. Undo those first.", conflicts.join(", ")),
    );
  void sayUndone(runtime, { sessionId, taskId, again, files, proposed });
  return files;
}

type Undone = { sessionId: string; taskId: TaskId; again: boolean; files: string[]; proposed: boolean };

async function sayUndone(runtime: Runtime, { sessionId, taskId, again, files, proposed }: Undone): Promise<void> {
  if (files.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("Nothing was changed: none of that work is there."));
    return;
  }
  const names = files.join(", ");
  const taken = proposed
    ? vscode.l10n.t("Taken out of what is proposed: {0}", names)
    : vscode.l10n.t("Taken out of your files: {0}", names);
  const undo = vscode.l10n.t("Undo");
  const answer = await vscode.window.showInformationMessage(again ? vscode.l10n.t("Put back: {0}", names) : taken, undo);
  if (answer !== undo) return;
  await putAway(runtime, sessionId, taskId, !again).catch((error: unknown) => vscode.window.showErrorMessage(messageOf(error)));
}

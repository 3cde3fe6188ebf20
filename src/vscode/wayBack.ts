// Back to a checkpoint, and the fork of a session: chosen from a list, said before it is done, told after it.

import * as vscode from "vscode";
import type { CheckpointId } from "../protocol/ids.ts";
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
  if (!chosen || !(await confirmed(chosen.label))) return undefined;
  return goBack(runtime, state.id, chosen.to);
}

/** Also the way to undo a way back. */
async function goBack(runtime: Runtime, sessionId: string, to: CheckpointId): Promise<string[]> {
  const rolled = await runtime.engine.dispatch({ type: "session.rollback", sessionId, to, by: "user" });
  if (!rolled.ok) throw new Error(rolled.error.message);
  const { files, conflicts } = rolled.value;
  if (conflicts.length > 0)
    throw new Error(
      vscode.l10n.t("Nothing was changed: you edited the same places in {0}. Settle them, then try again.", conflicts.join(", ")),
    );
  const before = (await runtime.engine.state(sessionId))?.checkpoints.at(-1)?.checkpointId;
  if (files.length > 0 && before !== undefined) void offerUndo(runtime, sessionId, before, files);
  else
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Nothing is to be taken back: your files hold no later changes of this session."),
    );
  return files;
}

async function offerUndo(runtime: Runtime, sessionId: string, before: CheckpointId, files: string[]): Promise<void> {
  const undo = vscode.l10n.t("Undo");
  const answer = await vscode.window.showInformationMessage(vscode.l10n.t("Took back {0}.", files.join(", ")), undo);
  if (answer !== undo) return;
  await goBack(runtime, sessionId, before).catch((error: unknown) => vscode.window.showErrorMessage(messageOf(error)));
}

async function choiceOf(store: Runtime["store"], { id }: SessionState, { checkpointId, name, seq }: Checkpoint): Promise<Choice> {
  const [event] = await store.read(id, { after: seq - 1, limit: 1 });
  return {
    to: checkpointId,
    label: name,
    description: event ? new Date(event.timestamp).toLocaleString() : "",
  };
}

/** A list rather than a dialog, as the choice before it. */
async function confirmed(name: string): Promise<boolean> {
  const goOn = {
    label: `$(discard) ${vscode.l10n.t("Take back what this session changed since then")}`,
    detail: vscode.l10n.t("Your own edits stay; where they clash nothing is written. It can be undone."),
  };
  const leave = { label: `$(close) ${vscode.l10n.t("Leave everything as it is")}` };
  return (await vscode.window.showQuickPick([goOn, leave], { title: vscode.l10n.t('Back to "{0}"?', name) })) === goOn;
}

// Back to a checkpoint, and the fork of a session: chosen from a list, said before it is done, told after it.

import * as vscode from "vscode";
import type { CheckpointId } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

type Checkpoint = SessionState["checkpoints"][number];
type Choice = vscode.QuickPickItem & { to: CheckpointId };

/** The files that were taken back to the checkpoint that is named, or else picked; undefined when the user turned away. */
export async function rollBack({ engine, store }: Runtime, state: SessionState, to?: unknown): Promise<string[] | undefined> {
  if (state.checkpoints.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("This session has touched no files: there is nothing to take back."));
    return undefined;
  }
  const choices = await Promise.all(state.checkpoints.toReversed().map((one) => choiceOf(store, state, one)));
  const title = vscode.l10n.t("Roll back to a checkpoint");
  const named = choices.find((one) => one.to === to);
  const chosen = named ?? (await vscode.window.showQuickPick(choices, { title, matchOnDescription: true }));
  if (!chosen || !(await confirmed(chosen.label))) return undefined;
  const rolled = await engine.dispatch({ type: "session.rollback", sessionId: state.id, to: chosen.to, by: "user" });
  if (!rolled.ok) throw new Error(rolled.error.message);
  const { files, conflicts } = rolled.value;
  if (conflicts.length > 0)
    throw new Error(
      vscode.l10n.t("Nothing was changed: you edited the same places in {0}. Settle them, then try again.", conflicts.join(", ")),
    );
  const told =
    files.length === 0
      ? vscode.l10n.t("Nothing is to be taken back: your files hold no later changes of this session.")
      : vscode.l10n.t('Took back {0}. Roll back to "{1}" undoes it.', files.join(", "), newestName(await engine.state(state.id)));
  void vscode.window.showInformationMessage(told);
  return files;
}

async function choiceOf(store: Runtime["store"], { id }: SessionState, { checkpointId, name, seq, from }: Checkpoint): Promise<Choice> {
  const [event] = await store.read(id, { after: seq - 1, limit: 1 });
  return {
    to: checkpointId,
    label: name,
    description: event ? new Date(event.timestamp).toLocaleString() : "",
    ...(from === undefined ? {} : { detail: vscode.l10n.t("Work in progress, as it stood after this step") }),
  };
}

/** A list rather than a dialog, as the choice before it. */
async function confirmed(name: string): Promise<boolean> {
  const goOn = {
    label: `$(discard) ${vscode.l10n.t("Take back what this session changed since then")}`,
    detail: vscode.l10n.t(
      "What you edited yourself stays; where both clash nothing is written. The files as they are now become a checkpoint.",
    ),
  };
  const leave = { label: `$(close) ${vscode.l10n.t("Leave everything as it is")}` };
  return (await vscode.window.showQuickPick([goOn, leave], { title: vscode.l10n.t('Back to "{0}"?', name) })) === goOn;
}

function newestName(state: SessionState | undefined): string {
  return state?.checkpoints.at(-1)?.name ?? "";
}

// Sessions of this folder that the end of a window cut off: gone on with, offered, or left, as the setting says.

import * as vscode from "vscode";
import type { Runtime } from "../runtime/runtime.ts";
import { type Desk, workspaceFolder } from "./desk.ts";
import { readSettings } from "./settings.ts";

let offered = false;

/** Once a window: the first interface that opens asks. */
export async function offerResume(desk: Desk, { store }: Runtime): Promise<void> {
  const workspace = workspaceFolder();
  const { resumeOnOpen } = readSettings();
  if (offered || workspace === undefined || resumeOnOpen === "never") return;
  offered = true;
  const cutOff = (await store.listSessions({ workspace, limit: 50 })).filter((session) => session.status === "interrupted");
  for (const { id, name, goal } of cutOff.slice(0, 3)) {
    const goOn = vscode.l10n.t("Go on");
    const question = vscode.l10n.t("A session was cut off: {0}", name === id ? goal.slice(0, 80) : name);
    const answer = resumeOnOpen === "always" ? goOn : await vscode.window.showInformationMessage(question, goOn, vscode.l10n.t("Leave it"));
    if (answer === goOn) await desk.resume(id);
  }
}

// Sessions of this folder that the end of a window cut off: gone on with, offered, or left, as the setting says.

import * as vscode from "vscode";
import type { SessionId } from "../protocol/ids.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { type Desk, workspaceFolder } from "./desk.ts";
import { readSettings } from "./settings.ts";

const mostOffered = 3;
const offered = new Set<SessionId>();
let hasLooked = false;

/**
 * Once a window for those that lie there when its first interface opens; later for `ended`, whose program has gone.
 * `show` is called with what is gone on with.
 */
export async function offerResume(
  desk: Desk,
  { store, engine }: Runtime,
  show: (sessionId: SessionId) => void,
  ended?: SessionId[],
): Promise<void> {
  const workspace = workspaceFolder();
  const { resumeOnOpen } = readSettings();
  if ((hasLooked && !ended) || workspace === undefined || resumeOnOpen === "never") return;
  hasLooked = true;
  const cutOff = (await store.listSessions({ workspace, limit: 50 })).filter(
    ({ id, status }) => status === "interrupted" && !offered.has(id) && (ended?.includes(id) ?? true),
  );
  for (const { id, name, goal } of cutOff.slice(0, mostOffered)) {
    offered.add(id);
    const goOn = vscode.l10n.t("Go on");
    const question = vscode.l10n.t("A session was cut off: {0}", name === id ? goal.slice(0, 80) : name);
    // What came in a file begins to work only on a person's word.
    const isOwn = (await engine.state(id))?.imported === undefined;
    const answer =
      resumeOnOpen === "always" && isOwn ? goOn : await vscode.window.showInformationMessage(question, goOn, vscode.l10n.t("Leave it"));
    if (answer !== goOn) continue;
    await desk.resume(id);
    show(id);
  }
}

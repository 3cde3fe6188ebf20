// The folders of a fork's tasks: each is made from what the source's held at a snapshot on record, with the edits since
// made again by the same tools. An edit that does not say the same as it did before stops that.

import type { CallResult } from "../protocol/events.ts";
import type { CallId, SessionId } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import { noControl } from "./codeCalls.ts";
import type { Edit, Folder, ForkPlace } from "./forkPlace.ts";
import type { Ports } from "./ports.ts";
import type { ProjectWish } from "./workspacePort.ts";

type Here = { ports: Ports; sessionId: SessionId; workspace: string; wish: ProjectWish };

/** Answers the first edit that could not be made again; then the folder is not there. */
async function rebuildFolder(here: Here, { taskId, from, edits }: Folder): Promise<Edit | undefined> {
  const { ports, sessionId, workspace, wish } = here;
  const root = await ports.workspace.openWorktree(sessionId, workspace, taskId, from, wish);
  for (const edit of edits) {
    const callId: CallId = `c_${edit.seq}`;
    const scope = { sessionId, taskId, callId, agent: edit.actor, root, writable: true, workspace, control: noControl };
    const result = await ports.tools.call(edit.tool, edit.arguments, scope, new AbortController().signal);
    if (isSame(edit, result)) continue;
    await ports.workspace.closeWorktree(sessionId, workspace, taskId);
    return edit;
  }
  return undefined;
}

/** Answers the event that could not be made again. */
export async function rebuildAll(here: Here, { folders }: Pick<ForkPlace, "folders">): Promise<number | undefined> {
  for (const folder of folders) {
    const stopped = await rebuildFolder(here, folder);
    if (stopped) return stopped.seq;
  }
  return undefined;
}

/** Notes for the agent may have been added to what the tool said. */
function isSame({ said }: Edit, { ok, content }: CallResult): boolean {
  return ok && said.startsWith(content);
}

/** Where each folder of the source is in the fork. */
export async function rootsIn(
  { workspace: port }: Pick<Ports, "workspace">,
  sessionId: SessionId,
  { tasks, workspace }: SessionState,
): Promise<Map<string, string>> {
  const roots = new Map<string, string>();
  for (const { id, root } of Object.values(tasks)) if (root !== undefined) roots.set(root, await port.folderOf(sessionId, workspace, id));
  return roots;
}

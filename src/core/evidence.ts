// What can be seen of a call whose end nobody knows, for whoever has to settle it: which files of the task's own folder are
// not as the newest call before it, or the edits on record, left them.

import { type CallResult, isKnown } from "../protocol/events.ts";
import type { Commit, TaskId } from "../protocol/ids.ts";
import { commitPlace, folderOwner } from "./place.ts";
import { type Run, stateOf, taskOf } from "./run.ts";

const mostNamed = 20;

const unknownOutcome =
  "Unknown outcome: the program ended while this call was running. It may have taken effect, wholly or in part; it was not run again.";
const beforeRepeating = "Look at the present state before you repeat it: what it did outside of this folder cannot be seen from here.";

export async function unknownResult(run: Run, taskId: TaskId): Promise<CallResult> {
  const changed = await changedSince(run, taskId).catch(() => undefined);
  const seen = changed === undefined ? [] : [describe(changed)];
  return {
    ok: false,
    code: "unknown",
    content: [unknownOutcome, ...seen, beforeRepeating].join(" "),
    ...(changed ? { details: { changed } } : {}),
  };
}

function describe(changed: string[]): string {
  if (changed.length === 0) return "In your folder nothing has changed since the call before it.";
  const more = changed.length > mostNamed ? ` and ${changed.length - mostNamed} more` : "";
  return `In your folder these files have changed since the call before it: ${changed.slice(0, mostNamed).join(", ")}${more}.`;
}

/** Undefined where the task has no folder of its own. */
async function changedSince(run: Run, taskId: TaskId): Promise<string[] | undefined> {
  const { tasks, id, workspace } = stateOf(run);
  const owner = folderOwner(tasks, taskId);
  if (owner === undefined) return undefined;
  const { base } = taskOf(run, owner);
  const known = await lastKnown(run, taskId, base!);
  const present = await commitPlace(run, owner, base!, "after an interruption");
  const { files } = await run.ports.workspace.diff(id, workspace, known.commit, present);
  return files.map(({ path }) => path).filter((path) => !known.written.has(path));
}

/** The folder as the record has it last, and what was written by name since. */
async function lastKnown(run: Run, taskId: TaskId, base: Commit): Promise<{ commit: Commit; written: Set<string> }> {
  let commit = base;
  const written = new Set<string>();
  for (const event of await run.ports.store.read(run.log.sessionId, { taskId })) {
    if (!isKnown(event) || event.type !== "call.ended") continue;
    const { folder, result } = event.payload;
    if (folder !== undefined && folder !== null) {
      commit = folder;
      written.clear();
    }
    for (const path of (result.details as { written?: string[] } | undefined)?.written ?? []) written.add(path);
  }
  return { commit, written };
}

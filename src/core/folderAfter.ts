// What a call left in the task's own folder, where nothing on record tells: an edit can be made again, a command cannot.
// With it the folder can be rebuilt as it was at any event (fork.ts).

import type { Commit, TaskId } from "../protocol/ids.ts";
import type { DecidedCall } from "./calls.ts";
import { isEdit } from "./forkPlace.ts";
import { commitPlace, folderOwner } from "./place.ts";
import { type Run, stateOf, taskOf } from "./run.ts";

export async function folderAfter(run: Run, taskId: TaskId, { tool, spec, reads }: DecidedCall): Promise<{ folder?: Commit | null }> {
  const owner = folderOwner(stateOf(run).tasks, taskId);
  const changes = spec?.access.effect === "execute" || spec?.access.effect === "write";
  if (owner === undefined || !changes || isEdit(tool)) return {};
  if (reads) return { folder: null };
  try {
    return { folder: await commitPlace(run, owner, taskOf(run, owner).base!, "after a call") };
  } catch {
    return {};
  }
}

// Where a task works: a folder of its own, or that of a task above it.

import type { Commit, TaskId } from "../protocol/ids.ts";
import { type Run, stateOf } from "./run.ts";

/** Where a child works: in a folder of its own, or (without one) in its parent's. */
export type Place = { root: string; base: Commit } | undefined;

/** The folder of the task, else of the nearest one above it, else the user's own. */
export function rootOf(run: Run, taskId: TaskId): string {
  const state = stateOf(run);
  let task = state.tasks[taskId];
  while (task && task.root === undefined && task.parentId !== undefined) task = state.tasks[task.parentId];
  return task?.root ?? state.workspace;
}

/** A folder of the task's own, holding exactly `base`; the same one when asked again. */
export async function openPlace(run: Run, taskId: TaskId, base: Commit): Promise<NonNullable<Place>> {
  const { id, workspace } = stateOf(run);
  return { root: await run.ports.workspace.openWorktree(id, workspace, taskId, base, run.policy.workspace), base };
}

export async function closePlace(run: Run, taskId: TaskId): Promise<void> {
  const { id, workspace } = stateOf(run);
  await run.ports.workspace.closeWorktree(id, workspace, taskId);
}

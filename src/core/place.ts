// Where a task works.

import type { TaskId } from "../protocol/ids.ts";
import { type Run, stateOf } from "./run.ts";

/** The folder of the task, else of the nearest one above it, else the user's own. */
export function rootOf(run: Run, taskId: TaskId): string {
  const state = stateOf(run);
  let task = state.tasks[taskId];
  while (task && task.root === undefined && task.parentId !== undefined) task = state.tasks[task.parentId];
  return task?.root ?? state.workspace;
}

// Where a task works: a folder of its own, or that of a task above it.

import type { Commit, TaskId } from "../protocol/ids.ts";
import type { SessionState, TaskState } from "../protocol/state.ts";
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

/** The folder's present content; what agents wrote by name belongs to it, also where ignore rules hide it. */
export async function commitPlace(
  run: Run,
  taskId: TaskId,
  base: Commit,
  message: string,
  onLeft?: (paths: string[]) => void,
): Promise<Commit> {
  const { id, workspace } = stateOf(run);
  return run.ports.workspace.commitWorktree(id, workspace, taskId, base, message, writtenIn(run, taskId), onLeft);
}

/** The same of work that is done; what of it cannot be taken is named in the record, and no change to the user's files. */
export async function commitWork(run: Run, taskId: TaskId, base: Commit, message: string): Promise<Commit> {
  return commitPlace(run, taskId, base, message, (paths) => {
    const named = [...paths.slice(0, namedAtMost), ...(paths.length > namedAtMost ? [`${paths.length - namedAtMost} more`] : [])];
    const text = `Not taken, since they are too large, unreadable or no plain files: ${named.join(", ")}. In your files they stay as they are.`;
    run.log.append({ type: "error", actor: "orchestrator", taskId, payload: { code: "not_taken", message: text } });
  });
}

const namedAtMost = 20;

/** By all who work there; what the user lets folders have beside the snapshot is no part of the work. */
function writtenIn(run: Run, owner: TaskId): string[] {
  const { copy = [], link = [] } = run.policy.workspace;
  const beside = [...copy, ...link].map((path) => path.replace(/\/+$/, ""));
  const isBeside = (path: string): boolean => beside.some((one) => path === one || path.startsWith(`${one}/`));
  return [...new Set(inFolder(run, owner).flatMap(({ written = [] }) => written))].filter((path) => !isBeside(path));
}

/** All who work in the folder of this task. */
export function inFolder(run: Run, owner: TaskId): TaskState[] {
  const { tasks } = stateOf(run);
  return Object.values(tasks).filter(({ id }) => folderOwner(tasks, id) === owner);
}

/** The task whose folder a task works in. */
export function folderOwner(tasks: SessionState["tasks"], taskId: TaskId): TaskId | undefined {
  const task = tasks[taskId];
  if (!task || task.base !== undefined) return task?.id;
  return task.parentId === undefined ? undefined : folderOwner(tasks, task.parentId);
}

export async function closePlace(run: Run, taskId: TaskId): Promise<void> {
  const { id, workspace } = stateOf(run);
  await run.ports.workspace.closeWorktree(id, workspace, taskId);
}

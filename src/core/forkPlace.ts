// Where a fork can begin, and what the folders of its tasks held there. Pure. A folder is what it was made from, or what
// a later event says that it was, with the edits since; where something else may have changed it since, nobody knows what
// it held, and the fork begins at the newest place before that.

import { type EventOf, isKnown, type TraceEvent } from "../protocol/events.ts";
import type { CallId, Commit, TaskId } from "../protocol/ids.ts";
import { reduce } from "../protocol/reduce.ts";
import { isTerminal, type SessionState, type TaskState } from "../protocol/state.ts";
import { folderOwner } from "./place.ts";
import type { ToolAccess, ToolSpec } from "./ports.ts";

/** An edit as it was asked for, and what its tool said. */
export type Edit = { seq: number; actor: string; tool: string; arguments: unknown; said: string };
/** `lost`: the first event after which nobody knows what it holds. */
export type Folder = { taskId: TaskId; from: Commit; edits: Edit[]; lost?: Lost };
export type Lost = { seq: number; tool: string };
/** `lost`: why it is not the place that was asked for. */
export type ForkPlace = { at: number; state: SessionState; folders: Folder[]; lost?: Lost };

/** `effects`: of the tools that there are. `broken`: edits that could not be made again. */
export type Known = { effects: ReadonlyMap<string, ToolAccess["effect"]>; broken: ReadonlySet<number> };

/** The same edit of the same file gives the same file. */
const edits = new Set(["write_file", "edit_file", "move", "delete"].map((name) => `filesystem__${name}`));
/** Ends that do not tell whether the call took effect. */
const unsettled = new Set(["unknown", "cancelled", "timeout", "budget", "session_timeout", "closed", "not_recorded"]);

export function isEdit(tool: string): boolean {
  return edits.has(tool);
}

export function effectsOf(specs: ToolSpec[]): Known["effects"] {
  return new Map(specs.map(({ name, access }) => [name, access.effect]));
}

/** The place that is asked for, at the end of what was recorded in one piece, or the nearest one before it. */
export function forkPlace(source: TraceEvent[], asked: number, known: Known): ForkPlace {
  const walk: Walk = { folders: new Map(), started: new Map(), known };
  let state: SessionState | undefined;
  let found: ForkPlace | undefined;
  let lost: Lost | undefined;
  for (const [i, event] of source.entries()) {
    state = reduce(state, event);
    if (isKnown(event)) follow(walk, state, event);
    if (!isEndOfPiece(event, source[i + 1])) continue;
    const folders = [...walk.folders.values()].filter(({ taskId }) => isNeeded(state!, taskId));
    lost = folders.find((folder) => folder.lost)?.lost;
    if (!lost) found = { at: event.seq, state, folders };
    if (event.seq >= asked) break;
  }
  return { ...found!, ...(lost ? { lost } : {}) };
}

/** What is recorded in one piece has one time. */
function isEndOfPiece({ type, seq, timestamp }: TraceEvent, next: TraceEvent | undefined): boolean {
  return seq === 1 || type === "session.ended" || next?.timestamp !== timestamp;
}

/** A run that was not at its end goes on in the fork. */
export function isUnderWay({ run }: SessionState): boolean {
  return run?.status === "running" || run?.status === "waiting";
}

/** Whoever goes on with the run works in it, or takes its work. */
function isNeeded(state: SessionState, taskId: TaskId): boolean {
  const task = state.tasks[taskId];
  if (!task || !isUnderWay(state) || !isOfRun(state, task) || task.merged !== undefined || task.conflict) return false;
  const step = state.run?.plan?.find((one) => one.taskId === taskId || one.id === task.stepId);
  if (step) return !isTerminal(step.status);
  return isDelegated(task) ? task.status !== "failed" : !isTerminal(task.status);
}

function isOfRun({ tasks, run }: SessionState, task: TaskState): boolean {
  let at = task;
  while (at.parentId !== undefined && tasks[at.parentId]) at = tasks[at.parentId]!;
  return at.id === run?.rootTask;
}

/** By an agent's own call, whose id is its key. */
function isDelegated({ key }: Pick<TaskState, "key">): boolean {
  return key?.startsWith("c_") ?? false;
}

/** `started`: what those calls were given that may have acted. */
type Walk = { folders: Map<TaskId, Folder>; started: Map<CallId, unknown>; known: Known };

function follow(walk: Walk, { tasks }: SessionState, event: TraceEvent): void {
  if (!isKnown(event)) return;
  const { folders } = walk;
  switch (event.type) {
    case "task.created": {
      const { base, task, key } = event.payload;
      if (base === undefined) return;
      folders.set(task.id, { taskId: task.id, from: base, edits: [] });
      // It begins with what the folder above it held.
      const above = task.parentId === undefined ? undefined : folderOwner(tasks, task.parentId);
      if (above !== undefined && isDelegated({ key: key ?? "" })) folders.set(above, { taskId: above, from: base, edits: [] });
      return;
    }
    case "work.merged": {
      const { into, commit, conflicts } = event.payload;
      if (into !== undefined && conflicts.length === 0) folders.set(into, { taskId: into, from: commit, edits: [] });
      return;
    }
    case "call.started":
      walk.started.set(event.payload.callId, event.payload.arguments);
      return;
    case "call.ended":
      endCall(walk, event.taskId === undefined ? undefined : folderOwner(tasks, event.taskId), event);
      return;
    default:
      return;
  }
}

function endCall({ folders, started, known }: Walk, owner: TaskId | undefined, { seq, actor, payload }: EventOf<"call.ended">): void {
  const { callId, tool, result, folder: commit } = payload;
  const folder = owner === undefined ? undefined : folders.get(owner);
  if (!folder || !started.has(callId)) return;
  const args = started.get(callId);
  started.delete(callId);
  if (commit === null) return;
  if (commit !== undefined) return void folders.set(folder.taskId, { taskId: folder.taskId, from: commit, edits: [] });
  const effect = known.effects.get(tool);
  if (effect === "read" || effect === "control" || folder.lost) return;
  const isSettled = result.ok || !unsettled.has(result.code);
  if (isEdit(tool) && isSettled && !known.broken.has(seq)) {
    if (result.ok)
      folders.set(folder.taskId, { ...folder, edits: [...folder.edits, { seq, actor, tool, arguments: args, said: result.content }] });
  } else folders.set(folder.taskId, { ...folder, lost: { seq, tool } });
}

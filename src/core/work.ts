// A task's work on files: a worktree of its own, then joined with what the others did (A10). The user's tree is not
// touched here; that is landing.ts.

import type { Artifact, TaskResult } from "../protocol/agents.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { Commit, TaskId } from "../protocol/ids.ts";
import type { Patch } from "./workspacePort.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import type { Place } from "./children.ts";

/** A folder of the task's own, holding exactly `base`; the same one when asked again. */
export async function openPlace(run: Run, taskId: TaskId, base: Commit): Promise<NonNullable<Place>> {
  const { id, workspace } = stateOf(run);
  return { root: await run.ports.workspace.openWorktree(id, workspace, taskId, base), base };
}

export async function closePlace(run: Run, taskId: TaskId): Promise<void> {
  const { id, workspace } = stateOf(run);
  await run.ports.workspace.closeWorktree(id, workspace, taskId);
}

export type Joined = { conflicts: string[]; patch: Patch; events: EventDraft[] };

const nothing: Joined = { conflicts: [], patch: { text: "", files: [] }, events: [] };

/**
 * Joins a finished step's work with the session's result. The returned events are for the caller to append with its own,
 * while it holds the merge queue: the next one to join starts from them.
 */
export async function joinWork(run: Run, taskId: TaskId, result: TaskResult, candidateOf: string | undefined): Promise<Joined> {
  const task = taskOf(run, taskId);
  if (!task.writable || task.base === undefined || task.merged !== undefined) return nothing;
  const { id, workspace } = stateOf(run);
  const commit = await run.ports.workspace.commitWorktree(id, workspace, taskId, task.base, result.summary);
  if (commit === task.base && candidateOf === undefined) return nothing;
  const patch = await run.ports.workspace.diff(id, workspace, task.base, commit);
  const artifact = await keepPatch(run, patch, task.stepId ?? taskId);
  if (candidateOf !== undefined) {
    const payload = { stepId: candidateOf, commit, ...artifact };
    return { conflicts: [], patch, events: [{ type: "work.set_aside", actor: "orchestrator", taskId, payload }] };
  }
  return joinCommit(run, taskId, { base: task.base, commit, patch, artifact, message: result.summary });
}

type Piece = { base: Commit; commit: Commit; patch: Patch; artifact: { patch?: Artifact }; message: string };

async function joinCommit(run: Run, taskId: TaskId, piece: Piece): Promise<Joined> {
  const { id, workspace, head } = stateOf(run);
  const merged = await run.ports.workspace.merge(id, workspace, piece.base, head ?? piece.base, piece.commit, piece.message);
  const files = piece.patch.files.map((file) => file.path);
  const work: EventDraft = {
    type: "work.merged",
    actor: "orchestrator",
    taskId,
    payload: { commit: merged.commit, files, ...piece.artifact, conflicts: merged.conflicts },
  };
  if (merged.conflicts.length > 0) return { conflicts: merged.conflicts, patch: piece.patch, events: [work] };
  const name = taskOf(run, taskId).stepId ?? taskId;
  const checkpoint: EventDraft = {
    type: "checkpoint.created",
    actor: "orchestrator",
    taskId,
    payload: { checkpointId: run.ports.ids.next("k"), name, commit: merged.commit },
  };
  return { conflicts: [], patch: piece.patch, events: [work, checkpoint] };
}

export async function keepPatch(run: Run, patch: Patch, name: string): Promise<{ patch?: Artifact }> {
  if (patch.files.length === 0) return {};
  const { hash, bytes } = await run.ports.store.putArtifact(patch.text);
  return { patch: { hash, bytes, kind: "patch", name: `${name}.patch` } };
}

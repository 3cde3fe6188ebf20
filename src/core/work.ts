// A task's work on files: a worktree of its own, then joined with what the others did (A10). The user's tree is not
// touched here; that is landing.ts.

import type { Artifact, TaskResult } from "../protocol/agents.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { Commit, TaskId } from "../protocol/ids.ts";
import type { Patch } from "./workspacePort.ts";
import { checkJoined } from "./joinedCheck.ts";
import { keepPatch } from "./patch.ts";
import { commitWork } from "./place.ts";
import { type Run, stateOf, taskOf } from "./run.ts";

/** `apart`: it could not be joined. `parked`: nothing is decided yet. */
export type Joined = { apart: boolean; parked?: string; patch: Patch; events: EventDraft[] };

const nothing: Joined = { apart: false, patch: { text: "", files: [] }, events: [] };

/**
 * Joins a finished step's work with the session's result. The returned events are for the caller to append with its own,
 * while it holds the merge queue: the next one to join starts from them.
 */
export async function joinWork(run: Run, taskId: TaskId, result: TaskResult, candidateOf: string | undefined): Promise<Joined> {
  const task = taskOf(run, taskId);
  if (!task.writable || task.base === undefined || task.merged !== undefined) return nothing;
  const { id, workspace } = stateOf(run);
  const commit = await commitWork(run, taskId, task.base, result.summary);
  if (commit === task.base && candidateOf === undefined) return nothing;
  const patch = await run.ports.workspace.diff(id, workspace, task.base, commit);
  const artifact = await keepPatch(run.ports.store, patch, task.stepId ?? taskId);
  if (candidateOf !== undefined) {
    const payload = { stepId: candidateOf, commit, ...artifact };
    return { apart: false, patch, events: [{ type: "work.set_aside", actor: "orchestrator", taskId, payload }] };
  }
  return joinCommit(run, taskId, { base: task.base, commit, patch, artifact, message: result.summary });
}

type Piece = { base: Commit; commit: Commit; patch: Patch; artifact: { patch?: Artifact }; message: string };

async function joinCommit(run: Run, taskId: TaskId, piece: Piece): Promise<Joined> {
  const { id, workspace, head: onto = piece.base } = stateOf(run);
  const { patch, artifact } = piece;
  const merged = await run.ports.workspace.merge(id, workspace, piece.base, onto, piece.commit, piece.message);
  const isMix = merged.conflicts.length === 0 && merged.commit !== onto && (merged.commit !== piece.commit || wasApart(run, taskId));
  const check = isMix ? await checkJoined(run, taskId, onto, merged.commit) : undefined;
  if (check?.kind === "parked") return { apart: false, parked: check.reason, patch, events: [] };
  const fails = check?.kind === "fails" ? { fails: { command: check.command, said: check.said } } : {};
  const files = patch.files.map((file) => file.path);
  const work: EventDraft = {
    type: "work.merged",
    actor: "orchestrator",
    taskId,
    payload: { onto, commit: merged.commit, files, ...artifact, conflicts: merged.conflicts, ...fails },
  };
  if (merged.conflicts.length > 0 || check?.kind === "fails") return { apart: true, patch, events: [work] };
  const name = taskOf(run, taskId).stepId ?? taskId;
  const checkpoint: EventDraft = {
    type: "checkpoint.created",
    actor: "orchestrator",
    taskId,
    payload: { checkpointId: run.ports.ids.next("k"), name, commit: merged.commit },
  };
  return { apart: false, patch, events: [work, checkpoint] };
}

/** It does again what could not be joined before. */
function wasApart(run: Run, taskId: TaskId): boolean {
  const { run: present, tasks } = stateOf(run);
  const before = present?.plan?.find((step) => step.id === taskOf(run, taskId).stepId)?.supersedes;
  const other = present?.plan?.find((step) => step.id === before)?.taskId;
  return other !== undefined && tasks[other]?.conflict !== undefined;
}

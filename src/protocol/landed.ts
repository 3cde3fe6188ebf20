// What of the session's work is in the user's files, as a list of differences, at any place of its log: landings add to it,
// a way back makes it what it was at a checkpoint. And so what became of the newest result.

import type { CheckpointId, TaskId } from "./ids.ts";
import type { Difference, SessionState, TaskState } from "./state.ts";

type Record = Pick<SessionState, "landed" | "checkpoints">;
type Landing = Difference & { seq: number; undoes?: TaskId[]; again?: true };

export function landedAt(record: Record, seq: number): Landing[] {
  const before = (record.landed ?? []).filter((one) => one.seq <= seq);
  const back = before.findLast((one) => "to" in one);
  const since = before.filter((one) => !back || one.seq > back.seq).flatMap((one) => ("to" in one ? [] : [one]));
  return [...(back && "to" in back ? landedAtCheckpoint(record, back.to) : []), ...since];
}

export function landedAtCheckpoint(record: Record, to: CheckpointId): Landing[] {
  const checkpoint = record.checkpoints.find((one) => one.checkpointId === to);
  return checkpoint ? landedAt(record, checkpoint.seq) : [];
}

/** What of it is in no commit yet. */
export function uncommitted(record: Record & Pick<SessionState, "seq" | "commits">): Landing[] {
  const committed = new Set((record.commits ?? []).flatMap(({ landings }) => landings));
  return landedAt(record, record.seq).filter(({ seq }) => !committed.has(seq));
}

/** What became of a proposed result; `taken back`: it was in the user's files, and is not any more. */
export type Standing = "waiting" | "applied" | "partly" | "discarded" | "taken back";

type Known = Pick<SessionState, "landing" | "landed"> & Partial<Pick<SessionState, "tasks">>;

export function standingOf({ landing, landed = [], tasks = {} }: Known): Standing | undefined {
  if (!landing) return undefined;
  const { decision, parts = [] } = landing;
  const taken = landing.written ?? landing.taken ?? landing.commit;
  if (decision === "discarded") return landed.some((one) => "commit" in one && one.commit === taken) ? "taken back" : "discarded";
  if (decision !== "applied") return "waiting";
  const last = landed.at(-1);
  const isUndone = last !== undefined && "undoes" in last && Object.values(tasks).some(({ undone }) => undone === "files");
  return isUndone || parts.some((part) => part.joined || part.decision === "discarded") ? "partly" : "applied";
}

/** Whether of what agents did in a file, and was taken, all or some was taken out again. */
export function undoneIn(state: Record & Pick<SessionState, "seq" | "tasks">, path: string): "all" | "some" | undefined {
  if (!landedAt(state, state.seq).some(({ undoes }) => undoes)) return undefined;
  const isUndone = ({ undone, parentId }: TaskState): boolean =>
    undone === "files" || (parentId !== undefined && isUndone(state.tasks[parentId]!));
  const works = Object.values(state.tasks).filter(({ merged, changed }) => merged !== undefined && changed?.includes(path));
  if (!works.some(isUndone)) return undefined;
  return works.every(isUndone) ? "all" : "some";
}

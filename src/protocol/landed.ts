// What of the session's work is in the user's files, as a list of differences, at any place of its log: landings add to it,
// a way back makes it what it was at a checkpoint.

import type { CheckpointId, TaskId } from "./ids.ts";
import type { Difference, SessionState } from "./state.ts";

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

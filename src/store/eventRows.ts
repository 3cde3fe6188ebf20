// An event as a row and back. The id is not kept: it follows from the session and the seq.

import type { StorePort } from "../core/ports.ts";
import { StoreConflict } from "../core/ports.ts";
import { eventId, type TraceEvent } from "../protocol/events.ts";
import { packed, type TapePart } from "../protocol/tape.ts";
import type { RunId, SessionId, TaskId } from "../protocol/ids.ts";

/** seq, run, task, actor, type, time, cause, payload as JSON. */
export type EventRow = [number, string, string | null, string, string, string, string | null, string];

/** Checks what only a mistake of the writer could break: one session, gapless seqs, `session.created` first. */
export function eventRows(sessionId: SessionId, events: Parameters<StorePort["append"]>[1]): EventRow[] {
  const first = events[0]?.seq ?? 0;
  return events.map((event, i) => {
    if (event.sessionId !== sessionId) throw new Error(`an event of session ${event.sessionId} was appended to ${sessionId}`);
    if (event.seq !== first + i) throw new Error(`events of one append must have gapless seqs: ${event.seq} follows ${first + i - 1}`);
    if ((event.seq === 1) !== (event.type === "session.created"))
      throw new Error(`session.created is the first event of a session and no other, not seq ${event.seq} ${event.type}`);
    const { runId, taskId = null, actor, type, timestamp, cause = null } = event;
    return [event.seq, runId, taskId, actor, type, timestamp, cause, JSON.stringify(event.payload) ?? "null"];
  });
}

/** The `seq` at which a part of the tape belongs, and the part as JSON. */
export type TapeRow = [number, string];

export function tapeRows(tape: TapePart[]): TapeRow[] {
  return tape.map((part) => [part.seq, JSON.stringify(packed(part))]);
}

export function eventOfRow(sessionId: SessionId, row: EventRow): TraceEvent {
  const [seq, runId, taskId, actor, type, timestamp, cause, payload] = row;
  return {
    id: eventId(sessionId, seq),
    runId: runId as RunId,
    sessionId,
    ...(taskId === null ? {} : { taskId: taskId as TaskId }),
    actor,
    type,
    payload: JSON.parse(payload) as unknown,
    timestamp,
    seq,
    ...(cause === null ? {} : { cause }),
  };
}

export function conflict(sessionId: SessionId, asked: number, last: number): StoreConflict {
  return new StoreConflict(
    `session ${sessionId} is at event ${last}, so event ${asked} cannot be the next: another program goes on with this session`,
  );
}

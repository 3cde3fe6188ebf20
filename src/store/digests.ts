// Each event's digest covers the event, what a run learned before it, and the digest of the event before: whoever changes a
// byte of a record changes every digest from there on.

import { hash } from "node:crypto";
import type { TraceEvent } from "../protocol/events.ts";
import type { TapePart } from "../protocol/tape.ts";
import { type EventRow, eventRows, tapeRows } from "./eventRows.ts";

/** Half of a SHA-256: two records with the same digest cannot be made on purpose, and a row stays small. */
const length = 32;

/** Occurs in no text of JSON. */
const between = "\u0000";

export function digestOf(previous: string, row: EventRow, part: string | undefined): string {
  return hash("sha256", [previous, ...row, part].join(between), "hex").slice(0, length);
}

/** The first event that is not as it was recorded, by its `seq`. Events of versions that kept no digests are passed over. */
export function firstChanged(events: TraceEvent[], parts: TapePart[], digests: string[]): { seq: number; digest: string } | undefined {
  const bySeq = new Map(tapeRows(parts));
  let previous = "";
  for (const event of events) {
    const expected = digests[event.seq - 1] ?? "";
    const [row] = eventRows(event.sessionId, [event]);
    const digest = digestOf(previous, row!, bySeq.get(event.seq));
    if (expected !== "" && digest !== expected) return { seq: event.seq, digest };
    previous = expected;
  }
  return undefined;
}

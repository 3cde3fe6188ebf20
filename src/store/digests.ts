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

/**
 * The first event that is not as it was recorded, by its `seq`. Versions that kept no digests kept no tape either: their
 * events come before all that have one.
 */
export function firstChanged(events: TraceEvent[], parts: TapePart[], digests: string[]): { seq: number; digest: string } | undefined {
  const bySeq = new Map(tapeRows(parts));
  let previous = "";
  const sealed = Math.min(events.findIndex(({ seq }) => digests[seq - 1]) + 1 || Infinity, parts[0]?.seq ?? Infinity);
  for (const event of events) {
    if (event.seq < sealed) continue;
    const expected = digests[event.seq - 1] ?? "";
    const [row] = eventRows(event.sessionId, [event]);
    const digest = digestOf(previous, row!, bySeq.get(event.seq));
    if (digest !== expected) return { seq: event.seq, digest };
    previous = expected;
  }
  return undefined;
}

// What of a damaged store can be had: which rows are events, kept content and documents, told by their shape, and what other
// rows say was there besides. Nothing is taken that does not prove itself: content by its hash, an event by its decoding.

import { createHash } from "node:crypto";
import type { TraceEvent } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { eventOfRow, type EventRow, type TapeRow } from "./eventRows.ts";
import type { Pages } from "./rawPages.ts";
import { type RawRow, rawRow, rawRows, type Value } from "./rawRows.ts";
import { changesOf } from "./readModels.ts";

type Place = { rowid: number; page: number; cell: number };
type EventPlace = Place & { seq: number };
type SessionFound = {
  name?: string;
  places: Map<number, EventPlace>;
  /** As far as any row tells, its events went up to here. */ upTo: number;
};

export type Found = {
  sessions: Map<SessionId, SessionFound>;
  artifacts: Map<string, Place>;
  documents: Map<string, Place>;
  /** What runs learned, by the key of the event. */
  tape: Map<number, Place>;
  /** Named by an index, whether or not their content is there. */
  artifactsNamed: Set<string>;
};

export function findAll(pages: Pages): Found {
  const found: Found = {
    sessions: new Map(),
    artifacts: new Map(),
    documents: new Map(),
    tape: new Map(),
    artifactsNamed: new Set(),
  };
  for (const row of rawRows(pages)) {
    if (row.of === "table") takeRow(found, row);
    else takeKey(found, row.values);
  }
  return found;
}

/** The events of a session without a gap from the first on. */
export function wholePart({ places }: SessionFound): EventPlace[] {
  const whole: EventPlace[] = [];
  for (let seq = 1; ; seq++) {
    const place = places.get(seq);
    if (!place) return whole;
    whole.push(place);
  }
}

export function eventAt(pages: Pages, place: Place): { row: EventRow; event: TraceEvent } | undefined {
  const row = rawRow(pages, place.page, place.cell);
  return row && eventIn(row.values);
}

/** What was learned before an event, where it is there. */
export function tapeAt(pages: Pages, { tape }: Found, { rowid, seq }: EventPlace): TapeRow[] {
  const place = tape.get(rowid);
  const part = place && rawRow(pages, place.page, place.cell)?.values[1];
  return typeof part === "string" ? [[seq, part]] : [];
}

export function artifactAt(pages: Pages, place: Place): Uint8Array | undefined {
  const content = rawRow(pages, place.page, place.cell)?.values[1];
  return content instanceof Uint8Array ? content : undefined;
}

export function documentAt(pages: Pages, place: Place): string | undefined {
  const body = rawRow(pages, place.page, place.cell)?.values[1];
  return typeof body === "string" ? body : undefined;
}

function takeRow(found: Found, { values, rowid, page, cell }: RawRow): void {
  const place = { rowid, page, cell };
  const [first, second, third] = values;
  // Versions before digests wrote one value less.
  const eventHere = (values.length === 10 || values.length === 11) && first === null ? eventIn(values) : undefined;
  if (eventHere) {
    const { sessionId, seq } = eventHere.event;
    const session = sessionIn(found, sessionId);
    session.places.set(seq, { ...place, seq });
    session.upTo = Math.max(session.upTo, seq);
  } else if (values.length === 2 && first === null && typeof second === "string" && second.startsWith('{"seq":'))
    found.tape.set(rowid, place);
  else if (values.length === 8 && first === null && typeof second === "string" && typeof third === "string") {
    sessionIn(found, second).name = third;
  } else if (values.length === 3 && typeof first === "string" && typeof second === "number" && typeof third === "string") {
    const session = sessionIn(found, first);
    session.upTo = Math.max(session.upTo, second);
  } else if (values.length === 2 && typeof first === "string") {
    if (second instanceof Uint8Array && first === `sha256:${createHash("sha256").update(second).digest("hex")}`)
      found.artifacts.set(first, place);
    else if (typeof second === "string" && isDocument(first, second)) takeNewest(found.documents, first, place);
  }
}

/** A key tells that there was a row, where the row itself is gone. */
function takeKey(found: Found, values: Value[]): void {
  const [first, second, third] = values;
  if (typeof first !== "string" || typeof second !== "number") return;
  if (values.length === 3 && typeof third === "number") {
    const session = sessionIn(found, first);
    session.upTo = Math.max(session.upTo, second);
  } else if (values.length === 2 && first.startsWith("sha256:")) found.artifactsNamed.add(first);
}

function sessionIn(found: Found, id: string): SessionFound {
  const known = found.sessions.get(id);
  if (known) return known;
  const session: SessionFound = { places: new Map(), upTo: 0 };
  found.sessions.set(id, session);
  return session;
}

function takeNewest(places: Map<string, Place>, id: string, place: Place): void {
  if ((places.get(id)?.rowid ?? -1) < place.rowid) places.set(id, place);
}

function isDocument(id: string, body: string): boolean {
  try {
    return (JSON.parse(body) as { id?: unknown } | null)?.id === id;
  } catch {
    return false;
  }
}

function eventIn([, sessionId, ...rest]: Value[]): { row: EventRow; event: TraceEvent } | undefined {
  const [seq, run, task, actor, type, ts, cause, payload] = rest;
  const texts = [sessionId, run, actor, type, ts, payload].every((one) => typeof one === "string");
  const maybe = [task, cause].every((one) => one === null || typeof one === "string");
  if (!texts || !maybe || typeof seq !== "number" || seq < 1 || (seq === 1) !== (type === "session.created")) return undefined;
  try {
    const row = rest.slice(0, 8) as EventRow;
    const event = eventOfRow(sessionId as SessionId, row);
    changesOf(event); // What cannot be derived from is not what was written.
    return { row, event };
  } catch {
    return undefined;
  }
}

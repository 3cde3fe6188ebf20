// A damaged store is replaced by a new one with all that can be read of it, and kept beside it. Only for who has the store
// alone (door.ts). Each step can be cut off: the next start goes on with it, and the damaged files are never changed.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { SessionId } from "../protocol/ids.ts";
import { openPages, type Pages } from "./rawPages.ts";
import { artifactAt, documentAt, eventAt, findAll, type Found, tapeAt, wholePart } from "./salvage.ts";
import { changesOf } from "./readModels.ts";
import { createHandlers, type Handlers } from "./sqliteHandlers.ts";
import { migrate } from "./sqliteSchema.ts";
import { damageMark, parts, recoveredOf } from "./storeFiles.ts";

/** Answers what is to be told to the person: what was recovered, what was lost, where the old file is. */
export function recover(file: string): string {
  let told = "What can be read of it was recovered.";
  if (!existsSync(recoveredOf(file))) told = rebuild(file);
  rmSync(damageMark(file), { force: true });
  const aside = setAside(file);
  renameSync(recoveredOf(file), file);
  const sentence = `The record was damaged. ${told} The damaged file is kept as ${aside}.`;
  writeFileSync(`${aside}.txt`, `${sentence}\n`, { mode: 0o600 });
  return sentence;
}

/** Named after the time of the recovery, so that one that was cut off goes on under the same name. */
function setAside(file: string): string {
  const time = statSync(recoveredOf(file))
    .mtime.toISOString()
    .replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${file}.damaged-${time}`;
  for (const end of parts) if (existsSync(file + end)) renameSync(file + end, aside + end);
  return aside;
}

function rebuild(file: string): string {
  const half = `${file}.half`;
  for (const end of [...parts, "-journal"]) rmSync(half + end, { force: true });
  closeSync(openSync(half, "w", 0o600));
  const db = new DatabaseSync(half);
  closeSync(openSync(file, "a", 0o600)); // The log may be all that is left.
  const pages = openPages(file);
  try {
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -65536");
    migrate(db, half);
    const found = findAll(pages);
    db.exec("BEGIN");
    const handlers = createHandlers(db);
    const kept = { events: putEvents(handlers, pages, found), contents: putContents(handlers, pages, found) };
    db.exec("COMMIT");
    const told = report(handlers, found, kept);
    db.close();
    const handle = openSync(half, "r+");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(half, recoveredOf(file));
    return told;
  } finally {
    pages.close();
    if (db.isOpen) db.close();
  }
}

/** In the order in which they were written; what follows from them is derived anew. Answers how many of each session. */
function putEvents(handlers: Handlers, pages: Pages, found: Found): Map<SessionId, number> {
  const kept = new Map<SessionId, number>();
  const places = [...found.sessions].flatMap(([id, session]) => wholePart(session).map((place) => ({ id, place })));
  for (const { id, place } of places.toSorted((a, b) => a.place.rowid - b.place.rowid || a.place.seq - b.place.seq)) {
    const read = eventAt(pages, place);
    if (!read || place.seq !== (kept.get(id) ?? 0) + 1) continue;
    handlers.append({ sessionId: id, rows: [read.row], changes: changesOf(read.event), tape: tapeAt(pages, found, place) });
    kept.set(id, place.seq);
  }
  return kept;
}

function putContents(handlers: Handlers, pages: Pages, { artifacts, documents }: Found): number {
  let kept = 0;
  for (const [hash, place] of artifacts) {
    const content = artifactAt(pages, place);
    if (content) handlers.putArtifact({ hash, content });
    if (content) kept += 1;
  }
  for (const [id, place] of [...documents].toSorted(([, a], [, b]) => a.rowid - b.rowid)) {
    const body = documentAt(pages, place);
    if (body !== undefined) handlers.putDocument({ id, body });
    if (body !== undefined) kept += 1;
  }
  return kept;
}

const namesTold = 5;

function report(handlers: Handlers, found: Found, kept: { events: Map<SessionId, number>; contents: number }): string {
  const { sessions, artifacts, artifactsNamed } = found;
  const losses: string[] = [];
  for (const [id, { name, upTo }] of sessions) {
    const there = kept.events.get(id) ?? 0;
    const known = handlers.findSession({ idOrName: id })?.name ?? name ?? id;
    const title = known === id ? id : `${id} (${known})`;
    if (there === 0) losses.push(`all of session ${title}`);
    else if (there < upTo) losses.push(`session ${title} from event ${there + 1} of ${upTo} on`);
  }
  const gone = [...artifactsNamed].filter((hash) => !artifacts.has(hash)).length;
  if (gone > 0) losses.push(counted(gone, "kept content"));
  const events = [...kept.events.values()].reduce((sum, n) => sum + n, 0);
  const had = `Recovered: ${counted(kept.events.size, "session")} with ${counted(events, "event")}, ${counted(kept.contents, "kept content")}.`;
  if (losses.length === 0) return `${had} ${events > 0 ? "Nothing is known to be lost." : "Nothing else in it could be read."}`;
  const more = losses.length > namesTold ? ` and ${losses.length - namesTold} more` : "";
  return `${had} Lost: ${losses.slice(0, namesTold).join("; ")}${more}.`;
}

function counted(n: number, what: string): string {
  return `${n.toLocaleString("en-US")} ${what}${n === 1 ? "" : "s"}`;
}

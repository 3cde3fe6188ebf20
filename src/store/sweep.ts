// Giving space back: content that nothing on record names any more is removed, and the file is made smaller. Only for who has
// the store alone: elsewhere content may be put that is about to be named.

import type { DatabaseSync } from "node:sqlite";

const hashes = /sha256:[0-9a-f]{64}/g;
/** Below this, or while most of the file is in use, a smaller file is not worth writing all of it anew. */
const leastFree = 1024 ** 2;
const leastShare = 0.25;

export function sweep(db: DatabaseSync): void {
  const named = namedContents(db);
  const removed = db.prepare("DELETE FROM artifacts WHERE hash = ?");
  db.exec("PRAGMA secure_delete = ON; BEGIN IMMEDIATE");
  for (const { hash } of db.prepare("SELECT hash FROM artifacts").all()) if (!named.has(String(hash))) removed.run(String(hash));
  db.exec("COMMIT; PRAGMA secure_delete = OFF");
  const pragma = (name: string): number => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  const free = pragma("freelist_count") * pragma("page_size");
  if (free >= leastFree && free >= leastShare * pragma("page_count") * pragma("page_size")) db.exec("VACUUM");
}

function namedContents(db: DatabaseSync): Set<string> {
  const named = new Set<string>();
  for (const [table, column] of [
    ["events", "payload"],
    ["tape", "part"],
    ["documents", "body"],
    ["inbox", "command"],
  ]) {
    const rows = db.prepare(`SELECT ${column} AS text FROM ${table} WHERE instr(${column}, 'sha256:') > 0`);
    for (const { text } of rows.iterate()) for (const [hash] of String(text).matchAll(hashes)) named.add(hash);
  }
  return named;
}

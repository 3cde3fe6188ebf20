// Looking for damage that nobody has met yet: SQLite's own check of every page. It takes as long as reading the file, so that
// no start waits for it: a program that lives on does it in a thread of its own, after an unclean end or once a week.

import { DatabaseSync } from "node:sqlite";
import { pruneBackups } from "./backups.ts";
import { faultOf } from "./sqliteFaults.ts";
import { knownVersion } from "./sqliteSchema.ts";
import { checkedStamp, leave, markDamaged, versionInHeader } from "./storeFiles.ts";

/** Damage is marked, so that nobody writes on and the next start recovers. `thoroughly`: indexes are held against their tables. */
export function checkStore(file: string, thoroughly = false): { sound: boolean } {
  // What is a newer program's is for that one to check.
  if (versionInHeader(file) > knownVersion) return { sound: true };
  pruneBackups(file);
  const sound = isSound(file, thoroughly);
  if (sound) leave(checkedStamp(file));
  else markDamaged(file);
  return { sound };
}

function isSound(file: string, thoroughly: boolean): boolean {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
    try {
      const answer = db.prepare(thoroughly ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)").get();
      return Object.values(answer ?? {})[0] === "ok";
    } finally {
      db.close();
    }
  } catch (error) {
    if (faultOf(error).code === "corrupt") return false;
    throw error;
  }
}

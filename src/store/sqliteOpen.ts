// Opening the database: made where it is missing, brought to the present tables, recovered where it is damaged. What opening
// looks at costs next to nothing: SQLite's own look at the first page, the file's size and the tables; the rest is checked
// beside the work (sqliteCheck.ts), and whatever reads damage while it works marks it.

import { closeSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Door, openDoor } from "./door.ts";
import { StoreFailure } from "./failure.ts";
import { faultOf } from "./sqliteFaults.ts";
import { createHandlers } from "./sqliteHandlers.ts";
import type { Fault } from "./sqliteProtocol.ts";
import { checkSqliteVersion, knownVersion, migrate } from "./sqliteSchema.ts";
import { checkedStamp, damageMark, needsRecovery, sizeOf, versionInHeader } from "./storeFiles.ts";

export type OpenStore = {
  db: DatabaseSync;
  door: Door;
  /** For the person: what was recovered and what was lost, or that nothing can be written. */
  said?: string;
  /** A newer program's: it is read, and whatever would change it is refused with this. */
  readOnly?: Fault;
};

/** What the log grew to in one large commit is given back with the next ones. */
const mostLog = 16 * 1024 ** 2;

/** How long to wait for another program that has just begun to recover the store, or to use it. */
const aloneMs = 2_000;

export async function openStore(file: string): Promise<OpenStore> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const door = openDoor(file);
  try {
    if (versionInHeader(file) > knownVersion) return openNewer(file, door);
    forgetGone(file);
    noteUncleanEnd(file, door);
    const sound = openIfSound(file);
    if (sound) return { db: sound, door };
    if (!door.lock(aloneMs))
      throw new StoreFailure(
        "corrupt",
        `The record ${file} is damaged, and another program has it open: end that program, then start this one again; what can be read is recovered then.`,
      );
    // Another program may have recovered it while this one waited.
    const mended = openIfSound(file);
    if (mended) return shared({ db: mended, door });
    // Loaded only by the few starts that need it.
    const { recover } = await import("./recovery.ts");
    const said = recover(file);
    return shared({ db: openDatabase(file), door, said });
  } catch (error) {
    door.close();
    throw error;
  }
}

function shared(store: OpenStore): OpenStore {
  store.door.share();
  return store;
}

/** Who took the damaged files away begins anew. */
function forgetGone(file: string): void {
  if (sizeOf(file) + sizeOf(`${file}-wal`) === 0) rmSync(damageMark(file), { force: true });
}

/** A log with content and nobody at work on it: a program ended in the middle, perhaps with the machine. */
function noteUncleanEnd(file: string, door: Door): void {
  if (sizeOf(`${file}-wal`) === 0 || !door.lock(0)) return;
  rmSync(checkedStamp(file), { force: true });
  door.share();
}

function openIfSound(file: string): DatabaseSync | undefined {
  if (needsRecovery(file)) return undefined;
  try {
    return openDatabase(file);
  } catch (error) {
    if (faultOf(error).code === "corrupt") return undefined;
    throw error;
  }
}

/** Nothing in it is changed, not even by recovery: what is new in it is not known here. */
function openNewer(file: string, door: Door): OpenStore {
  const by = `The data folder was written by a newer version (schema ${versionInHeader(file)}, this program knows ${knownVersion})`;
  const way = "update the program, or set AO_DATA_DIR to another folder.";
  const readOnly: Fault = { code: "newer_version", message: `${by}: nothing can be written; ${way}` };
  const db = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    const { listSessions, read, listPending, leasedBy, getArtifact } = createHandlers(db);
    const [newest] = listSessions({ limit: 1 });
    read({ sessionId: newest?.id ?? "s_", query: { limit: 1 } });
    listPending({});
    leasedBy({ sessionId: "s_", owner: "" });
    getArtifact({ hash: "" });
    return { db, door, readOnly, said: `${by}: its sessions can be read, but nothing is written. To go on, ${way}` };
  } catch {
    db.close();
    throw new StoreFailure("newer_version", `${by}: ${way}`);
  }
}

function openDatabase(file: string): DatabaseSync {
  closeSync(openSync(file, "a", 0o600)); // made here, so that nobody else on the machine can read it
  const db = new DatabaseSync(file, { timeout: 10_000 });
  try {
    const version = db.prepare("SELECT sqlite_version() AS v").get()?.["v"];
    checkSqliteVersion(String(version));
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = ${mostLog}; PRAGMA cache_size = -16384`,
    );
    migrate(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

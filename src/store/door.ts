// Who has the store open, whatever is in it: everyone who uses it holds a shared lock on an empty file beside it, and only
// who holds that lock alone may put other files in its place. The system gives the lock back when a process ends.

import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

export type Door = {
  /** True when nobody else has the store open; nobody can open it then until `share` or `close`. */
  lock(waitMs: number): boolean;
  share(): void;
  close(): void;
};

/** Waits while another has it alone; throws as SQLite does when that takes too long. */
export function openDoor(file: string, waitMs = 30_000): Door {
  const path = `${file}.door`;
  closeSync(openSync(path, "a", 0o600));
  const db = new DatabaseSync(path);
  const end = (): void => {
    if (db.isTransaction) db.exec("COMMIT");
  };
  const share = (): void => {
    end();
    db.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN`);
    // The lock comes with the first look at the file, and stays until the transaction ends.
    db.prepare("SELECT 1 FROM sqlite_schema").get();
  };
  try {
    share();
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    share,
    lock(waitMs) {
      end();
      try {
        db.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`);
        return true;
      } catch {
        share();
        return false;
      }
    },
    close() {
      end();
      db.close();
    },
  };
}

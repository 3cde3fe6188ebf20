// A copy of the store before its tables are changed, complete or not there at all; the newest two are kept, for a season.

import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

const keptBackups = 2;
const keptMs = 90 * 24 * 3_600_000;
const halfMs = 24 * 3_600_000;

/** Answers where it is. Throws as SQLite does, and leaves nothing then. */
export function backUp(db: DatabaseSync, file: string, version: number): string {
  const backup = `${file}.v${version}.backup`;
  const half = `${backup}.half${process.pid}`;
  try {
    // Made here, so that nobody else on the machine can read it; SQLite takes an empty file as a new one.
    closeSync(openSync(half, "w", 0o600));
    db.prepare("VACUUM INTO ?").run(half);
    const handle = openSync(half, "r+");
    fsyncSync(handle);
    closeSync(handle);
    renameSync(half, backup);
  } finally {
    rmSync(half, { force: true });
  }
  pruneBackups(file);
  return backup;
}

/** Removes what is too many or too old, and halves that somebody's end left. */
export function pruneBackups(file: string): void {
  const folder = dirname(file);
  const isOlder = (path: string, ms: number): boolean => Date.now() - timeOf(path) > ms;
  const ours = readdirSync(folder).filter((name) => name.startsWith(`${basename(file)}.v`));
  const paths = (end: RegExp): string[] => ours.filter((name) => end.test(name)).map((name) => join(folder, name));
  const newestFirst = paths(/\.backup$/).toSorted((a, b) => timeOf(b) - timeOf(a));
  const gone = newestFirst.filter((path, i) => i >= keptBackups || isOlder(path, keptMs));
  const halves = paths(/\.backup\.half\d+$/).filter((path) => isOlder(path, halfMs));
  for (const path of [...gone, ...halves]) rmSync(path, { force: true });
}

function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

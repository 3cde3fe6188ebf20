// The files beside the database, and what each means by being there.

import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from "node:fs";

/** A database is up to three files. */
export const parts = ["", "-wal", "-shm"];

/** The new store, complete, before it takes the damaged one's place. */
export function recoveredOf(file: string): string {
  return `${file}.recovered`;
}

/** Left by who met damage: nobody writes on, and whoever opens the store next recovers it. One that cannot be left is met again. */
export function markDamaged(file: string): void {
  leave(damageMark(file));
}

/** An empty file, where one can be left at all: no fault of the disk is made worse by it. */
export function leave(path: string): void {
  try {
    writeFileSync(path, "");
  } catch {
    // Each of them is left again at the next occasion.
  }
}

export function isMarkedDamaged(file: string): boolean {
  return existsSync(damageMark(file));
}

export function damageMark(file: string): string {
  return `${file}.mark`;
}

/** There since a session was removed, until what only that one named is removed too. */
export function unsweptMark(file: string): string {
  return `${file}.unswept`;
}

/** Of the tables, as the file's first page tells it: readable without opening the database, which would write to it. */
export function versionInHeader(file: string): number {
  if (sizeOf(file) < 100) return 0;
  const header = Buffer.alloc(100);
  const handle = openSync(file, "r");
  readSync(handle, header, 0, 100, 0);
  closeSync(handle);
  return header.toString("latin1", 0, 15) === "SQLite format 3" ? header.readUInt32BE(60) : 0;
}

/** Its time is that of the last check that found nothing. */
export function checkedStamp(file: string): string {
  return `${file}.checked`;
}

const checkEveryMs = 7 * 24 * 3_600_000;

export function isCheckDue(file: string): boolean {
  return Date.now() - (statSync(checkedStamp(file), { throwIfNoEntry: false })?.mtimeMs ?? 0) > checkEveryMs;
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Told by the files alone: damage that was met, an empty file with a log beside it, a recovery that was cut off. */
export function needsRecovery(file: string): boolean {
  return isMarkedDamaged(file) || existsSync(recoveredOf(file)) || (sizeOf(file) === 0 && sizeOf(`${file}-wal`) > 0);
}

// The record alone: for programs that only read what happened, without tools, models and agents.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GrantsPort, StorePort } from "../core/ports.ts";
import { createGrants } from "../store/grants.ts";
import { openSqliteStore } from "../store/sqlite.ts";
import { parts, sizeOf, unsweptMark } from "../store/storeFiles.ts";
import { cutLandings } from "../workspace/cutLandings.ts";
import { dataDirOf, openDataDir } from "./places.ts";

export { loadState } from "../core/sessionLog.ts";

export async function openRecord(env: Record<string, string | undefined>, say: (line: string) => void = () => {}): Promise<StorePort> {
  const dataDir = dataDirOf(env);
  openDataDir(dataDir);
  const store = await openSqliteStore({ file: fileIn(dataDir), say });
  const cut = cutLandings(dataDir);
  const settled = cut.length > 0 ? await (await import("./settling.ts")).settleCutLandings(dataDir, store, cut) : [];
  for (const id of settled) say(`A change of your files by session ${id} was cut short: they are as its record says again.`);
  return store;
}

/** Looks through all of it, which takes as long as reading it; what is damaged is recovered when it is opened next. */
export async function checkRecord(env: Record<string, string | undefined>): Promise<{ sound: boolean }> {
  const { checkStore } = await import("../store/sqliteCheck.ts");
  return checkStore(fileIn(dataDirOf(env)), true);
}

/** What the record takes on the disk, and whether some of that is yet to be given back. */
export function recordBytes(env: Record<string, string | undefined>): { bytes: number; unswept: boolean } {
  const file = fileIn(dataDirOf(env));
  return { bytes: parts.reduce((sum, part) => sum + sizeOf(file + part), 0), unswept: existsSync(unsweptMark(file)) };
}

function fileIn(dataDir: string): string {
  return join(dataDir, "store.db");
}

export function openGrants(env: Record<string, string | undefined>): GrantsPort {
  return createGrants(join(dataDirOf(env), "grants"));
}

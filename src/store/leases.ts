// Which process runs a session. A lease counts only while its holder lives: a process that ended without dropping it
// is recognised by its number and its time of birth, so that nobody has to clean up after a crash.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { StatementSync } from "node:sqlite";
import { StoreConflict } from "../core/ports.ts";

export type Holder = { owner: string; host: string; pid: number; born: string };

export function thisHolder(): Holder {
  return { owner: randomUUID(), host: hostname(), pid: process.pid, born: birthOf(process.pid) };
}

/** Field 22 of the process's stat line: ticks since boot. Empty where the system has no such file. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** A process on another machine cannot be asked: it counts as living. */
export function isAlive({ host, pid, born }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return birthOf(pid) === born;
}

type Prepare = (sql: string) => StatementSync;

export function livingHolder(prepare: Prepare, sessionId: string, except: string): Holder | undefined {
  const row = prepare("SELECT owner, host, pid, born FROM leases WHERE session_id = ?").get(sessionId) as Holder | undefined;
  return row && row.owner !== except && isAlive(row) ? row : undefined;
}

/** Throws a StoreConflict where the lease of this epoch is no longer the one that counts. */
export function checkEpoch(prepare: Prepare, sessionId: string, epoch: number | undefined): void {
  if (epoch === undefined) return;
  const lease = prepare("SELECT epoch, host, pid FROM leases WHERE session_id = ?").get(sessionId) as
    | (Holder & { epoch: number })
    | undefined;
  if (lease?.epoch === epoch) return;
  throw new StoreConflict(
    `session ${sessionId} was taken over by ${lease ? nameOf(lease) : "another program"}; nothing more of it is done here`,
  );
}

export function nameOf({ pid, host }: Holder): string {
  return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`;
}

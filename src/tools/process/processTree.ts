// Ends a program with everything that it started. A program runs as the leader of its own session; its group is
// signalled, and where the system shows it (Linux) also members of the session that made groups of their own.

import { readdir, readFile } from "node:fs/promises";

/** Long enough to flush, short enough that a cancelled session is quiet within a second. */
const graceMs = 600;
const pollMs = 20;

/** Asks the whole tree to end, then makes it. Resolves when nothing of it is left, or cannot be helped. */
export async function endTree(leader: number): Promise<void> {
  const members = await sessionMembers(leader);
  signalAll(leader, members, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline) {
    if (!isGroupAlive(leader) && !members.some(isAlive)) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  signalAll(leader, [...members, ...(await sessionMembers(leader))], "SIGKILL");
}

/** What a program left running in its group when it ended; nobody waits for it any more. */
export function killLeftovers(leader: number): void {
  signal(-leader, "SIGKILL");
}

function signalAll(leader: number, members: number[], name: NodeJS.Signals): void {
  signal(-leader, name);
  for (const member of members) signal(member, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, which is what was wanted.
  }
}

function isGroupAlive(leader: number): boolean {
  return isAlive(-leader);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function sessionMembers(leader: number): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const sessions = await Promise.all(pids.map(sessionOf));
  return pids.filter((pid, i) => sessions[i] === leader && pid !== leader);
}

/** Field 6 of the status line; the name before it may contain anything, so it is cut off at its last bracket. */
async function sessionOf(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "latin1");
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[3]);
  } catch {
    return undefined;
  }
}

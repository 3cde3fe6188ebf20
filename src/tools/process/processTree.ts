// Ends a program with everything that it started. A program runs as the leader of its own session; its group is
// signalled, and where the system shows it (Linux) also its descendants that made groups or sessions of their own.
// One that has cut every tie (a daemon whose parent ended) is out of reach here; only a sandbox can hold it.

import { readdir, readFile } from "node:fs/promises";

/** Long enough to flush, short enough that a cancelled session is quiet within a second. */
const graceMs = 600;
const pollMs = 20;

/** Asks the whole tree to end, then makes it. Resolves when nothing of it is left, or cannot be helped. */
export async function endTree(leader: number): Promise<void> {
  const members = await membersOf(leader);
  signalAll(leader, members, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (performance.now() < deadline) {
    if (!(await isAnyAtWork(leader, members))) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  signalAll(leader, new Set([...members, ...(await membersOf(leader))]), "SIGKILL");
}

/** What a program left running in its group when it ended; nobody waits for it any more. */
export function killLeftovers(leader: number): void {
  signal(-leader, "SIGKILL");
}

function signalAll(leader: number, members: Iterable<number>, name: NodeJS.Signals): void {
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** An ended process that nobody has collected yet still has its number, but does nothing any more. */
async function isAnyAtWork(leader: number, members: number[]): Promise<boolean> {
  if (!isAlive(-leader) && !members.some(isAlive)) return false;
  if (process.platform !== "linux") return true;
  const known = await Promise.all([leader, ...members].map((pid) => describe(String(pid))));
  return known.some((one) => one !== undefined && one.state !== "Z");
}

type Process = { pid: number; state: string; parent: number; session: number };

/** Descendants, and members of the leader's or a descendant's session. */
async function membersOf(leader: number): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(describe));
  const all = found.filter((one) => one !== undefined);
  const members = new Set([leader]);
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const { pid, parent, session } of all) if (members.has(parent) || members.has(session)) members.add(pid);
  }
  members.delete(leader);
  return [...members];
}

/** The name in the status line may contain anything, so the fields are counted from its last bracket. */
async function describe(pid: string): Promise<Process | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, "latin1");
    const [state = "", parent, , session] = status.slice(status.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), state, parent: Number(parent), session: Number(session) };
  } catch {
    return undefined;
  }
}

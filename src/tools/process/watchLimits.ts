// Ends a program whose processes grow too many or too large, where nothing else holds them to it. Counts what belongs to
// each process alone and what they keep in temporary files in memory; looks often enough that a flood is stopped early.

import { readdirSync, readFileSync, statfsSync, statSync } from "node:fs";

export type Limits = { memoryMb: number; pids: number };
export type Limit = "memory" | "pids";

const pollMs = 80;
const megabyte = 1024 * 1024;
/** The kernel's name for file systems in memory. */
const tmpfs = 0x01021994;

/** Answers with a way to stop watching. Where the system shows no processes (not Linux) nothing is watched. */
export function watchLimits(leader: number, { memoryMb, pids }: Limits, onLimit: (limit: Limit) => void): () => void {
  if (process.platform !== "linux") return () => undefined;
  const look = (): void => {
    const tree = treeBelow(leader, pids);
    const limit = tree.length > pids ? "pids" : memoryOf(tree) > memoryMb * megabyte ? "memory" : undefined;
    if (!limit) return;
    clearInterval(timer);
    onLimit(limit);
  };
  const timer = setInterval(look, pollMs);
  return () => clearInterval(timer);
}

/** The process and its descendants, as far as they are more than `most`. */
function treeBelow(leader: number, most: number): number[] {
  const found = [leader];
  for (let at = 0; at < found.length && found.length <= most; at += 1) found.push(...childrenOf(found[at]!));
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    // It ended meanwhile.
    return [];
  }
}

function memoryOf(tree: number[]): number {
  const own = tree.map(memoryOfOne);
  const newest = tree.at(-1)!;
  // What is shared may be the same for all; it counts once.
  const shared = Math.max(...own.map((one) => one.shared));
  const inFiles = ["/tmp", "/dev/shm"].reduce((sum, folder) => sum + filesInMemory(newest, folder), 0);
  return own.reduce((sum, one) => sum + one.alone, shared) + inFiles;
}

function memoryOfOne(pid: number): { alone: number; shared: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
    return { alone: bytes("RssAnon"), shared: bytes("RssShmem") };
  } catch {
    return { alone: 0, shared: 0 };
  }
}

/** In a folder that only the process sees, where that is kept in memory. */
function filesInMemory(pid: number, folder: string): number {
  const seen = `/proc/${pid}/root${folder}`;
  try {
    if (statSync(seen).dev === statSync(folder).dev) return 0;
    const { type, blocks, bfree, bsize } = statfsSync(seen);
    return type === tmpfs ? (blocks - bfree) * bsize : 0;
  } catch {
    return 0;
  }
}

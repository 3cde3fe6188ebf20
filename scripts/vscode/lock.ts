// A lock between processes on one machine: a file that names the process which holds it. Owns waiting for the holder and
// taking over from one that died; what is done under the lock must itself be safe to find half done.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const longestWait = 15 * 60_000;

/** Runs `work` while no other process does so with the same file; `waiting` is called once if there is one. */
export async function underLock<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  await take(file, waiting);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function take(file: string, waiting: () => void): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const began = performance.now();
  for (let told = false; !taken(file);) {
    if (holderIsGone(file)) breakLock(file);
    else {
      if (!told) waiting();
      told = true;
      if (performance.now() - began > longestWait)
        throw new Error(`Another set-up holds ${file} for too long; remove that file and try again.`);
      await pause(250);
    }
  }
}

function taken(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Two may find the holder gone at once; so what is done under the lock must bear a second one that does it too. */
function breakLock(file: string): void {
  try {
    const aside = `${file}.${process.pid}`;
    renameSync(file, aside);
    rmSync(aside, { force: true });
  } catch {
    // The other one was faster.
  }
}

function holderIsGone(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // An empty file is one that is being written this moment.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

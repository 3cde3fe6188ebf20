// Who works in a workspace's private places. Each piece of work leaves a mark with the number and the birth of its process;
// who has to be alone with them (tidying.ts) leaves one of its own, and goes away where it finds another's. Marks
// have names that nobody else uses, so that those of dead processes can be removed by anyone.

import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Places } from "./places.ts";

type Kind = "work" | "alone";

/** Where the birth of a process is unknown its number may be another's by now: then marks end with their age. */
const longest: Record<Kind, number> = { work: 24 * 3_600_000, alone: 600_000 };
const lookAgainMs = 20;

/** Begins when nobody is alone with the places. */
export async function working<T>(places: Places, work: () => Promise<T>): Promise<T> {
  const mark = leaveMark(places, "work");
  try {
    while (others(places, mark).includes("alone")) await setTimeout(lookAgainMs);
    return await work();
  } finally {
    rmSync(mark, { force: true });
  }
}

/** Undefined, and nothing was done, where anybody works. */
export async function alone<T>(places: Places, work: () => Promise<T>): Promise<{ value: T } | undefined> {
  const mark = leaveMark(places, "alone");
  try {
    return others(places, mark).length > 0 ? undefined : { value: await work() };
  } finally {
    rmSync(mark, { force: true });
  }
}

function leaveMark({ working: folder }: Places, kind: Kind): string {
  const mark = join(folder, [kind, process.pid, birthOf(process.pid), randomBytes(6).toString("hex")].join("-"));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(mark, "");
  return mark;
}

function others({ working: folder }: Places, mine: string): Kind[] {
  const found: Kind[] = [];
  for (const name of readdirSync(folder)) {
    const mark = join(folder, name);
    const [kind = "", pid = "", born = ""] = name.split("-");
    if (mark === mine || (kind !== "work" && kind !== "alone")) continue;
    if (isHeld(mark, kind, Number(pid), born)) found.push(kind);
    else rmSync(mark, { force: true });
  }
  return found;
}

function isHeld(mark: string, kind: Kind, pid: number, born: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const left = statSync(mark, { throwIfNoEntry: false });
  return left !== undefined && birthOf(pid) === born && Date.now() - left.mtimeMs < longest[kind];
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

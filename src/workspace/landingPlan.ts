// The writing half of a landing: a plan that is on disk before the first file is touched, and can be carried out any
// number of times with the same end. Whatever is at a path but neither the old nor the new content is the user's, and
// stays.

import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../protocol/result.ts";
import type { Git } from "./git.ts";
import { type Entry, isSame } from "./history.ts";
import type { Places } from "./places.ts";
import { readBlobs } from "./shadow.ts";
import { look, putFile, removeFile } from "./userFiles.ts";

/** One path: what is expected there, and what is to be there. */
export type Step = { path: string; expect?: Entry; write?: Entry };

type Plan = { id: string; steps: Step[] };

/** Returns the paths that were left as they are because the user changed them at the last moment. */
export async function carryOut(git: Git, places: Places, steps: Step[]): Promise<string[]> {
  const plan: Plan = { id: randomBytes(6).toString("hex"), steps };
  await writePlan(places, plan);
  return await finish(git, places, plan);
}

/** Finishes what was cut short. */
export async function finishLandings(git: Git, places: Places): Promise<void> {
  for (const name of await readdir(places.landings).catch(() => [])) {
    if (!name.endsWith(".json")) continue;
    const text = await readFile(join(places.landings, name), "utf8").catch(() => undefined);
    // Gone: another program has finished it.
    if (text !== undefined) await finish(git, places, JSON.parse(text) as Plan);
  }
}

async function writePlan(places: Places, plan: Plan): Promise<void> {
  await mkdir(places.landings, { recursive: true });
  const half = join(places.landings, `${plan.id}.half`);
  const handle = await open(half, "wx", 0o600);
  try {
    await handle.writeFile(JSON.stringify(plan));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(half, planFile(places, plan));
}

function planFile(places: Places, plan: Plan): string {
  return join(places.landings, `${plan.id}.json`);
}

async function finish(git: Git, places: Places, plan: Plan): Promise<string[]> {
  const contents = await readBlobs(
    git,
    places,
    plan.steps.flatMap(({ write }) => (write ? [write.blob] : [])),
  );
  const left: string[] = [];
  for (const [i, step] of inOrder(plan.steps).entries()) {
    const done = await take(places.workspace, step, contents, `.ao-${plan.id}-${i}`).catch((error: unknown) => stopped(step, error));
    if (!done) left.push(step.path);
  }
  await rm(planFile(places, plan), { force: true });
  return left;
}

/** The plan stays on disk: whatever was in the way, the next occasion goes on from here. */
function stopped({ path }: Step, cause: unknown): never {
  throw new Error(`${path} could not be written (${messageOf(cause)}): make it possible and apply again, the rest follows.`, { cause });
}

/** Removals first, so that a folder can become a file and the other way round. */
function inOrder(steps: Step[]): Step[] {
  return [...steps.filter(({ write }) => !write), ...steps.filter(({ write }) => write)];
}

async function take(root: string, { path, expect, write }: Step, contents: Map<string, Buffer>, temporary: string): Promise<boolean> {
  const found = await look(root, path);
  if (!write && found.kind !== "entry") return true;
  if (found.kind === "blocked") return false;
  await rm(join(root, dirname(path), temporary), { force: true });
  const now = found.kind === "entry" ? found.entry : undefined;
  if (write && isSame(now, write)) return true;
  if (!isSame(now, expect)) return false;
  if (!write) await removeFile(root, path);
  else await putFile(root, path, write, contents.get(write.blob)!, temporary);
  return true;
}

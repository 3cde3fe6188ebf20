// The writing half of a landing. Before the first file is touched, a plan is on disk that knows both sides; whatever stops
// it, all that was written is taken back. The plan stays until the landing is on record (A3): where a program ended in
// between, its session takes back what was written at the next occasion. Whatever is at a path but neither the old nor
// the new content is the user's, and stays.

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { SessionId } from "../protocol/ids.ts";
import { fail, messageOf, ok, type Result } from "../protocol/result.ts";
import type { Git } from "./git.ts";
import { type Entry, isSame } from "./history.ts";
import { flushFolder } from "./objects.ts";
import { landingsOf, type Places } from "./places.ts";
import { readBlobs } from "./shadow.ts";
import { type Aside, isWritable, look, missingFolders, moveIn, nearestFolder, removeFile, writeAside } from "./userFiles.ts";

/** One path: what is there, with its permissions, and what is to be there; both contents are in the shadow repository. */
export type Step = { path: string; expect?: Entry; permissions?: number; write?: Entry };

type Planned = Step & { /** Where the new content waits, from the root. */ aside?: string };
/** `makes`: folders that are not there yet. */
type Plan = { id: string; sessionId: SessionId; begunAt: number; steps: Planned[]; makes: string[] };

const atOnce = 16;

/** Answers the path at which the user changed something at the last moment, if there is one; then nothing is written. */
export async function carryOut(
  git: Git,
  places: Places,
  by: { sessionId: SessionId; begunAt: number },
  steps: Step[],
): Promise<Result<{ changed?: string }>> {
  const root = places.workspace;
  const locked = await firstLocked(root, steps);
  if (locked) return fail("not_written", `${locked} cannot be written: its folder is read-only. Nothing was changed.`);
  const plan = await planned(root, by, steps);
  const file = planFile(places, by.sessionId, plan.id);
  let at: Step | undefined;
  try {
    await writePlan(file, plan);
    const contents = await readBlobs(git, places, blobsOf(plan.steps, "write"));
    const layAside = async (step: Planned): Promise<void> => {
      if (!step.write || step.aside === undefined) return;
      at = step;
      await writeAside(join(root, step.aside), contentOf(step.write, contents), step.permissions);
    };
    // Some at a time: each waits for the disk.
    for (let i = 0; i < plan.steps.length; i += atOnce) await Promise.all(plan.steps.slice(i, i + atOnce).map(layAside));
    for (const step of plan.steps) {
      at = step;
      if (!(await take(root, step))) return await undone(git, places, file, plan, ok({ changed: step.path }));
    }
    await flushFolders(root, plan.steps);
    return ok({});
  } catch (error) {
    const what = at ? `${at.path} could not be written` : "the landing could not be prepared";
    return await undone(git, places, file, plan, fail("not_written", `${what} (${reasonOf(error)}). Nothing was changed.`));
  }
}

/** Drops the plans whose landing is on record by now; what any other one wrote is taken back. */
export async function settleLandings(
  git: Git,
  places: Places,
  { sessionId, recorded }: { sessionId: SessionId; recorded: number },
  others?: "under way",
): Promise<Result<void>> {
  const folder = landingsOf(places, sessionId);
  if (!existsSync(places.workspace)) return ok(undefined);
  for (const name of await readdir(folder).catch(() => [])) {
    const file = join(folder, name);
    const plan = name.endsWith(".json") ? (JSON.parse(await readFile(file, "utf8")) as Plan) : undefined;
    const isRecorded = plan !== undefined && plan.begunAt < recorded;
    if (!isRecorded && others === "under way") continue;
    const undoing = plan && !isRecorded ? await takeBack(git, places, plan) : ok(undefined);
    if (!undoing.ok) return undoing;
    await rm(file, { force: true });
  }
  await rmdir(folder).catch(() => undefined);
  return ok(undefined);
}

/** Of a session that is gone: what waited beside the user's files goes too, the files themselves stay as they are. */
export async function dropPlans(places: Places, folder: string): Promise<void> {
  for (const { steps } of await plansIn(folder))
    for (const { aside } of steps) if (aside !== undefined) await rm(join(places.workspace, aside), { force: true });
}

/** The contents that all sessions' plans need. */
export async function plannedBlobs(places: Places): Promise<Set<string>> {
  const folders = (await readdir(places.landings).catch(() => [])).map((name) => join(places.landings, name));
  const steps = (await Promise.all(folders.map(plansIn))).flat().flatMap((plan) => plan.steps);
  return new Set([...blobsOf(steps, "expect"), ...blobsOf(steps, "write")]);
}

async function plansIn(folder: string): Promise<Plan[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  return await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Plan));
}

async function undone<T>(git: Git, places: Places, file: string, plan: Plan, answer: Result<T>): Promise<Result<T>> {
  const back = await takeBack(git, places, plan);
  if (!back.ok) return back;
  await rm(file, { force: true });
  return answer;
}

async function planned(root: string, by: Pick<Plan, "sessionId" | "begunAt">, steps: Step[]): Promise<Plan> {
  const id = randomBytes(6).toString("hex");
  const made = await Promise.all(steps.map(async ({ path, write }) => (write ? await missingFolders(root, path) : [])));
  // Removals first, so that a folder can become a file and the other way round.
  const inOrder = [...steps.filter(({ write }) => !write), ...steps.filter(({ write }) => write)];
  const withAside = async (step: Step, i: number): Promise<Planned> =>
    step.write ? { ...step, aside: join(await nearestFolder(root, step.path), `.ao-${id}-${i}`) } : step;
  return { id, ...by, steps: await Promise.all(inOrder.map(withAside)), makes: [...new Set(made.flat())] };
}

async function firstLocked(root: string, steps: Step[]): Promise<string | undefined> {
  const folders = new Map<string, boolean>();
  for (const { path } of steps) {
    const folder = await nearestFolder(root, path);
    const free = folders.get(folder) ?? (await isWritable(join(root, folder)));
    if (!free) return path;
    folders.set(folder, free);
  }
  return undefined;
}

async function writePlan(file: string, plan: Plan): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const half = `${file}.half`;
  const handle = await open(half, "wx", 0o600);
  try {
    await handle.writeFile(JSON.stringify(plan));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(half, file);
  await flushFolder(dirname(file));
}

/** Before the landing is recorded its files are on the disk, at their places (A3). */
async function flushFolders(root: string, steps: Step[]): Promise<void> {
  const folders = await Promise.all(steps.map(async ({ path }) => await nearestFolder(root, path)));
  await Promise.all([...new Set(folders)].map(async (folder) => await flushFolder(join(root, folder))));
}

function planFile(places: Places, sessionId: SessionId, id: string): string {
  return join(landingsOf(places, sessionId), `${id}.json`);
}

async function take(root: string, { path, expect, write, aside }: Planned): Promise<boolean> {
  const found = await look(root, path);
  if (!write) {
    if (found.kind !== "entry") return true;
    if (!isSame(found.entry, expect)) return false;
    await removeFile(root, path);
    return true;
  }
  if (found.kind === "blocked" || found.kind === "folder") return false;
  if (!isSame(found.kind === "entry" ? found.entry : undefined, expect)) return false;
  await moveIn(root, aside!, path);
  return true;
}

/** Can be done any number of times. What came new goes first, so that what it had replaced has its place again. */
async function takeBack(git: Git, places: Places, plan: Plan): Promise<Result<void>> {
  const root = places.workspace;
  let at: Step | undefined;
  try {
    for (const { aside } of plan.steps) if (aside !== undefined) await rm(join(root, aside), { force: true });
    for (const step of plan.steps) {
      at = step;
      if (!step.expect && (await isThere(root, step))) await rm(join(root, step.path));
    }
    for (const folder of plan.makes.toReversed()) await rmdir(join(root, folder)).catch(() => undefined);
    const contents = await readBlobs(git, places, blobsOf(plan.steps, "expect"));
    for (const [i, step] of plan.steps.entries()) {
      at = step;
      if (!step.expect || !(await isThere(root, step))) continue;
      const aside = join(await nearestFolder(root, step.path), `.ao-${plan.id}-${i}`);
      await writeAside(join(root, aside), { ...contentOf(step.expect, contents), as: step.permissions }, undefined);
      await moveIn(root, aside, step.path);
    }
    return ok(undefined);
  } catch (error) {
    const path = at?.path ?? plan.steps[0]?.path ?? "a file";
    const message = `${path} holds what a landing wrote that was cut short, and could not be taken back (${reasonOf(error)}): make it possible, then try again.`;
    return fail("not_written", message);
  }
}

/**
 * The path holds what the step put there: its content, or nothing. Whether a removal had been reached is not to be known
 * without a flush for each: an earlier step's file that still stands may have been put back by the user, or by a taking back
 * that was cut as well. So a file that the user removed since then comes back, rather than that one of theirs is lost.
 */
async function isThere(root: string, { path, write }: Step): Promise<boolean> {
  const found = await look(root, path);
  return write ? found.kind === "entry" && isSame(found.entry, write) : found.kind === "absent";
}

function blobsOf(steps: Step[], side: "expect" | "write"): string[] {
  return steps.flatMap((step) => step[side]?.blob ?? []);
}

function contentOf({ mode, blob }: Entry, contents: Map<string, Buffer>): Aside {
  return { mode, content: contents.get(blob)! };
}

/** What the system says, without the names of our own files. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/, \w+( '.*)?$/s, "");
}

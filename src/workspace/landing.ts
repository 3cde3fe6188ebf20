// Takes a result into the user's tree, keeping what the user edited meanwhile (A10). First everything is worked out;
// one conflict or obstacle, and nothing is written. Then a plan is put on disk and carried out, so that a landing is there
// as a whole or not at all (landingPlan.ts).

import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Commit, SessionId } from "../protocol/ids.ts";
import { ok, type Result } from "../protocol/result.ts";
import type { Git } from "./git.ts";
import { type Difference, differences, type Entry, isSame } from "./history.ts";
import { carryOut, type Step } from "./landingPlan.ts";
import type { Places } from "./places.ts";
import { readBlob, writeBlob } from "./shadow.ts";
import { allBelow, type Found, look } from "./userFiles.ts";

type Landed = { files: string[]; conflicts: string[]; inPlace: string[] };
type By = { sessionId: SessionId; begunAt: number };

export async function land(git: Git, places: Places, by: By, base: Commit, result: Commit): Promise<Result<Landed>> {
  const wanted = await differences(git, places, base, result);
  const leaving = new Set(wanted.filter(({ after }) => !after).map(({ path }) => path));
  const steps: Step[] = [];
  const conflicts: string[] = [];
  const inPlace: string[] = [];
  for (const difference of wanted) {
    const decided = await decide(git, places, difference, leaving);
    if (decided === "conflict") conflicts.push(difference.path);
    else if (decided === "in place") inPlace.push(difference.path);
    else steps.push(decided);
  }
  if (conflicts.length > 0) return ok({ files: [], conflicts, inPlace: [] });
  const done: Result<{ changed?: string }> = steps.length === 0 ? ok({}) : await carryOut(git, places, by, steps);
  if (!done.ok) return done;
  const { changed } = done.value;
  if (changed !== undefined) return ok({ files: [], conflicts: [changed], inPlace: [] });
  return ok({ files: wanted.map(({ path }) => path), conflicts: [], inPlace });
}

async function decide(git: Git, places: Places, difference: Difference, leaving: Set<string>): Promise<Step | "in place" | "conflict"> {
  const { path, before, after } = difference;
  const found = await presently(places.workspace, path, leaving);
  if (!after && isGone(found, path)) return "in place";
  if (found.kind === "blocked" || found.kind === "folder") return "conflict";
  const now = found.kind === "entry" ? found.entry : undefined;
  if (isSame(now, after)) return "in place";
  const { permissions } = found.kind === "entry" ? found : {};
  const here = { ...(now ? { expect: now } : {}), ...(permissions === undefined ? {} : { permissions }) };
  const step = (write: Entry | undefined): Step => ({ path, ...here, ...(write ? { write } : {}) });
  if (isSame(now, before)) return step(after);
  if (found.kind !== "entry" || !isPlain(before) || !isPlain(after) || !isPlain(now)) return "conflict";
  const blob = await joined(git, places, found.content, before.blob, after.blob);
  if (blob === undefined) return "conflict";
  // The user's own edit is in no snapshot: kept, so that it can be brought back.
  await writeBlob(places, found.content);
  return step({ mode: now.mode === before.mode ? after.mode : now.mode, blob });
}

/** A file or folder that this landing removes anyway is not in the way. */
async function presently(root: string, path: string, leaving: Set<string>): Promise<Found> {
  const found = await look(root, path);
  if (found.kind === "blocked" && found.by !== path && leaving.has(found.by)) return { kind: "absent" };
  if (found.kind !== "folder") return found;
  const inside = await allBelow(root, path);
  return inside.every((one) => leaving.has(one)) ? { kind: "absent" } : found;
}

/** Nothing is at the path, or a folder is, or something else is at the place of a folder above. */
function isGone(found: Found, path: string): boolean {
  return found.kind === "absent" || found.kind === "folder" || (found.kind === "blocked" && found.by !== path);
}

function isPlain(entry: Entry | undefined): entry is Entry {
  return entry !== undefined && entry.mode !== "120000";
}

/** The user's present content with the change put in; undefined where both changed the same lines, or it is no text. */
async function joined(git: Git, places: Places, present: Buffer, before: string, after: string): Promise<string | undefined> {
  const folder = join(places.temp, `merge-${randomBytes(6).toString("hex")}`);
  await mkdir(folder, { recursive: true });
  try {
    const [old, fresh] = await Promise.all([readBlob(git, places, before), readBlob(git, places, after)]);
    const sides = { present, old, fresh };
    for (const [name, content] of Object.entries(sides)) await writeFile(join(folder, name), content);
    const args = ["merge-file", "--stdout", "--quiet", ...Object.keys(sides)];
    const { code, stdout } = await git({ args, gitDir: places.shadow, cwd: folder, answers: everyCode });
    return code === 0 ? await writeBlob(places, stdout) : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The number of conflicts, or 255 for contents that are no text. */
const everyCode = Array.from({ length: 255 }, (_, i) => i + 1);

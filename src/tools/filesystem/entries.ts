// move and delete: whole entries, links as themselves. Never overwrites, never removes a folder with content.

import { lstat, mkdir, readdir, rename, rmdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { CallScope } from "../../core/ports.ts";
import { describeFileError, findWritablePlace } from "../files.ts";
import { isInside, isMissing } from "../places.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Outcome } from "../toolDefinition.ts";

export async function moveEntry(input: { from: string; to: string }, scope: CallScope): Promise<Outcome> {
  const from = findWritablePlace(scope, input.from, { entry: true });
  if (!from.ok) return from;
  const to = findWritablePlace(scope, input.to, { entry: true });
  if (!to.ok) return to;
  if (from.place.relative === ".") return failed("not_a_file", "The task's own folder is not moved.");
  if (from.place.real !== to.place.real && isInside(from.place.real, to.place.real))
    return failed("invalid_arguments", `${input.from} cannot be moved into itself.`);
  try {
    await lstat(from.place.real);
    if (await exists(to.place.real))
      return failed("exists", `${to.place.relative} already exists. Delete it first, or choose another name.`);
    await mkdir(dirname(to.place.real), { recursive: true });
    await rename(from.place.real, to.place.real);
    return done(`Moved ${from.place.relative} to ${to.place.relative}.`, { from: from.place.relative, to: to.place.relative });
  } catch (error) {
    return describeFileError(error, input.from);
  }
}

export async function deleteEntry(input: { path: string }, scope: CallScope): Promise<Outcome> {
  const found = findWritablePlace(scope, input.path, { entry: true });
  if (!found.ok) return found;
  const { place } = found;
  if (place.relative === ".") return failed("not_a_file", "The task's own folder is not deleted.");
  try {
    if (!(await lstat(place.real)).isDirectory()) {
      await unlink(place.real);
      return done(`Deleted ${place.relative}.`, { path: place.relative });
    }
    const inside = await readdir(place.real);
    if (inside.length > 0)
      return failed("not_empty", `${place.relative} is a folder with ${inside.length} entries. Delete what is in it first, one by one.`);
    await rmdir(place.real);
    return done(`Deleted the empty folder ${place.relative}.`, { path: place.relative });
  } catch (error) {
    return describeFileError(error, place.relative);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

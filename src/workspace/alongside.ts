// What a task's folder gets beside the snapshot because the user's policy names it: ignored files and folders of the
// project, as copies of the task's own or as links to the user's. Only what is within the project, and never over what
// the snapshot holds.

import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { cp, mkdir, symlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { ProjectWish } from "../core/workspacePort.ts";
import type { Places } from "./places.ts";

export type Also = Pick<ProjectWish, "copy" | "link">;

export async function bringAlong({ workspace }: Places, folder: string, { copy = [], link = [] }: Also): Promise<void> {
  for (const path of copy) {
    const found = placeFor(workspace, folder, path);
    if (!found) continue;
    await mkdir(dirname(found.to), { recursive: true });
    await cp(found.from, found.to, { recursive: true, force: false, errorOnExist: false, verbatimSymlinks: true });
  }
  for (const path of link) {
    const found = placeFor(workspace, folder, path);
    if (!found || lstatSync(found.to, { throwIfNoEntry: false })) continue;
    await mkdir(dirname(found.to), { recursive: true });
    await symlink(found.from, found.to, "junction");
  }
}

/** A link that was brought along is no work of the task's, also where an ignore rule means folders alone. */
export function isBrought({ workspace }: Places, folder: string, path: string): boolean {
  try {
    return readlinkSync(join(folder, path)) === realpathSync(join(workspace, path));
  } catch {
    return false;
  }
}

/** Undefined where the project has no such thing, or the way to it leads out of the project or of the folder. */
function placeFor(workspace: string, folder: string, path: string): { from: string; to: string } | undefined {
  const [from, to] = [join(workspace, path), join(folder, path)];
  if (path.split(/[/\\]/).some((part) => part.toLowerCase() === ".git")) return undefined;
  if (!lstatSync(from, { throwIfNoEntry: false }) || !isReally(workspace, from) || !isReally(folder, to)) return undefined;
  return { from: realpathSync(from), to };
}

function isReally(root: string, path: string): boolean {
  let nearest = path;
  while (!lstatSync(nearest, { throwIfNoEntry: false })) nearest = dirname(nearest);
  try {
    return `${realpathSync(nearest)}${sep}`.startsWith(`${realpathSync(root)}${sep}`);
  } catch {
    return false;
  }
}

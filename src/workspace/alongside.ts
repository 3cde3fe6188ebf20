// What a task's folder gets beside the snapshot because the user's policy names it: ignored files and folders of the
// project, as copies of the task's own or as links to the user's. Only what is within the project, and never over what
// the snapshot holds.

import { constants, lstatSync, readlinkSync, realpathSync } from "node:fs";
import { copyFile, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import type { ProjectWish } from "../core/workspacePort.ts";
import type { Places } from "./places.ts";

export type Also = Pick<ProjectWish, "copy" | "link">;

export async function bringAlong({ workspace }: Places, folder: string, { copy = [], link = [] }: Also): Promise<void> {
  const bring = async (path: string, how: (from: string, to: string) => Promise<void>): Promise<void> =>
    await ifPossible(async () => {
      const found = placeFor(workspace, folder, path);
      if (!found) return;
      await mkdir(dirname(found.to), { recursive: true });
      await how(found.from, found.to);
    });
  for (const path of copy) await bring(path, copyInto);
  for (const path of link) await bring(path, async (from, to) => await symlink(from, to, "junction"));
}

/** Plain files, folders and links; what is there already stays as it is. */
async function copyInto(from: string, to: string): Promise<void> {
  await ifPossible(async () => {
    const found = lstatSync(from);
    if (found.isFile()) await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    else if (found.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (found.isDirectory()) {
      const names = (await readdir(from)).filter((name) => !isGit(name));
      if (!lstatSync(to, { throwIfNoEntry: false })) await mkdir(to);
      if (lstatSync(to).isDirectory()) for (const name of names) await copyInto(join(from, name), join(to, name));
    }
  });
}

/** What cannot be brought is not there; it ends nothing else. */
async function ifPossible(bring: () => Promise<void>): Promise<void> {
  await bring().catch(() => undefined);
}

function isGit(name: string): boolean {
  return name.toLowerCase() === ".git";
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
  if (path.split(/[/\\]/).some(isGit)) return undefined;
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

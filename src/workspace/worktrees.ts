// A task's own folder: made from a commit, taken back as a commit. What is recorded about it lies outside of it, so that
// an agent can neither forge nor break it; a folder whose making was cut short is made again.

import { existsSync, lstatSync, realpathSync } from "node:fs";
import { mkdir, readdir, readFile, rm, rmdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Commit, SessionId, TaskId } from "../protocol/ids.ts";
import type { Git } from "./git.ts";
import { dependencyFolders } from "./listing.ts";
import { place } from "./objects.ts";
import { type Places, type TaskPlaces, taskPlaces, taskRecords, worktreesOf } from "./places.ts";
import { type Also, bringAlong } from "./alongside.ts";
import { writePrivateGit } from "./privateGit.ts";
import { checkCommit, keptCommit, treeOf } from "./shadow.ts";
import { noteMade, type Staged, withIndex, writeFolderTree } from "./staging.ts";

export type Task = { places: Places; sessionId: SessionId; taskId: TaskId };

export async function openWorktree(git: Git, { places, sessionId, taskId }: Task, from: Commit, also: Also = {}): Promise<string> {
  const own = taskPlaces(places, sessionId, taskId);
  if (existsSync(own.ready) && existsSync(own.folder)) {
    // An update that was cut short is neither the one nor the other state: half of it would pass for the agent's work.
    if (existsSync(own.updating))
      await updateWorktree(git, { places, sessionId, taskId }, checkCommit((await readFile(own.updating, "utf8")).trim()));
    return own.folder;
  }
  await remove(own);
  await mkdir(own.folder, { recursive: true, mode: 0o700 });
  await mkdir(dirname(own.ready), { recursive: true });
  const at = { gitDir: places.shadow, workTree: own.folder, indexFile: own.index };
  await git({ args: ["read-tree", checkCommit(from)], ...at });
  await git({ args: ["checkout-index", "--all", "--force", "--index", "--quiet"], ...at });
  await mkdir(places.temp, { recursive: true });
  const tree = await treeOf(git, places, from);
  await writePrivateGit(places, own.folder, own.index, tree);
  noteMade(places, own.index, tree);
  await linkDependencies(places, own.folder);
  await bringAlong(places, own.folder, also);
  await writeFile(own.ready, `${from}\n`);
  return own.folder;
}

/** What the project installs and its rules hide is shared, so that its checks run in the task's folder. */
async function linkDependencies(places: Places, folder: string): Promise<void> {
  for (const name of dependencyFolders) {
    const installed = join(places.workspace, name);
    if (!existsSync(installed) || lstatSync(join(folder, name), { throwIfNoEntry: false })) continue;
    if (name === "node_modules") await linkPackages(realpathSync(installed), join(folder, name));
    else await symlink(realpathSync(installed), join(folder, name), "junction");
  }
}

/** Where tools put what they work out, beside the packages: each task has its own. */
const toolCaches = new Set([".cache", ".vite", ".vite-temp", ".vitest"]);

/** One by one, in a folder of the task's own: bundlers and test runners write beside the packages, and not in the user's. */
async function linkPackages(installed: string, folder: string): Promise<void> {
  await mkdir(folder);
  for (const entry of await readdir(installed, { withFileTypes: true }))
    if (!toolCaches.has(entry.name) && (!entry.isFile() || process.platform !== "win32"))
      await symlink(join(installed, entry.name), join(folder, entry.name), "junction");
}

export async function commitWorktree(
  git: Git,
  task: Task,
  base: Commit,
  message: string,
  also?: string[],
  onLeft?: (paths: string[]) => void,
): Promise<Commit> {
  const { places, sessionId } = task;
  const [{ tree, left }, before] = await Promise.all([currentTree(git, task, base, also), treeOf(git, places, base)]);
  if (left.length > 0) onLeft?.(left);
  if (tree === before) return base;
  return await keptCommit(places, sessionId, { tree, parents: [base], message });
}

async function currentTree(git: Git, { places, sessionId, taskId }: Task, base: Commit, also: string[] | undefined): Promise<Staged> {
  const { folder, index } = taskPlaces(places, sessionId, taskId);
  return await withIndex(places, index, async (taken, fresh) => {
    if (fresh) await git({ args: ["read-tree", checkCommit(base)], gitDir: places.shadow, indexFile: taken });
    return await writeFolderTree(git, places, { root: folder, index: taken, base }, also);
  });
}

export async function updateWorktree(git: Git, task: Task, commit: Commit): Promise<void> {
  const { places, sessionId, taskId } = task;
  const { folder, index, updating } = taskPlaces(places, sessionId, taskId);
  await place(places.temp, new Map([[updating, `${checkCommit(commit)}\n`]]), false);
  await withIndex(places, index, async (taken, fresh) => {
    const at = { gitDir: places.shadow, workTree: folder, indexFile: taken };
    if (fresh) await git({ args: ["read-tree", checkCommit(commit)], ...at });
    // What is new in the folder becomes known first, so that it is removed as well.
    await writeFolderTree(git, places, { root: folder, index: taken, base: commit });
    await git({ args: ["read-tree", "--reset", "-u", checkCommit(commit)], ...at });
    const tree = await treeOf(git, places, commit);
    await writePrivateGit(places, folder, taken, tree);
    noteMade(places, taken, tree);
  });
  await rm(updating, { force: true });
}

export async function closeWorktree({ places, sessionId, taskId }: Task): Promise<void> {
  await remove(taskPlaces(places, sessionId, taskId));
  // The last one takes the session's folder with it; while others are there it stays.
  await rmdir(worktreesOf(places, sessionId)).catch(() => undefined);
}

export async function removeWorktrees(places: Places, sessionId: SessionId): Promise<void> {
  await removeFolder(taskRecords(places, sessionId));
  await removeFolder(worktreesOf(places, sessionId));
}

/** The mark goes first: a folder half removed counts as never made. */
async function remove({ ready, index, updating, folder }: TaskPlaces): Promise<void> {
  for (const file of [ready, index, updating]) await rm(file, { force: true });
  await removeFolder(folder);
}

async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

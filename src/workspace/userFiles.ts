// Looks at and writes single files of the user's tree. Never follows a link on the way, replaces a file in one step,
// keeps its permissions.

import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, mkdir, open, readdir, readFile, readlink, rename, rm, rmdir, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Entry } from "./history.ts";

/** What is at a path now. `blocked`: something in the way that is not ours to remove, such as a link for a folder. */
export type Found =
  | { kind: "absent" }
  | { kind: "entry"; entry: Entry; content: Buffer }
  | { kind: "folder" }
  | { kind: "blocked"; by: string };

export async function look(root: string, path: string): Promise<Found> {
  const parts = path.split("/");
  for (let i = 1; i < parts.length; i++) {
    const folder = parts.slice(0, i).join("/");
    const found = await statOf(join(root, folder));
    if (!found) return { kind: "absent" };
    if (!found.isDirectory()) return { kind: "blocked", by: folder };
  }
  const file = join(root, path);
  const found = await statOf(file);
  if (!found) return { kind: "absent" };
  if (found.isDirectory()) return { kind: "folder" };
  if (found.isSymbolicLink()) return entryOf("120000", Buffer.from(await readlink(file)));
  if (found.isFile()) return entryOf(found.mode & 0o100 ? "100755" : "100644", await readFile(file));
  return { kind: "blocked", by: path };
}

function entryOf(mode: Entry["mode"], content: Buffer): Found {
  const blob = createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
  return { kind: "entry", entry: { mode, blob }, content };
}

async function statOf(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** All files below a folder, by paths from the root. */
export async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? await filesBelow(root, path) : [path];
    }),
  );
  return lists.flat();
}

/** `temporary` is a name in the same folder, known beforehand so that it can be cleaned up after a crash. */
export async function putFile(root: string, path: string, entry: Entry, content: Buffer, temporary: string): Promise<void> {
  await makeFolders(root, dirname(path));
  const target = join(root, path);
  const made = join(dirname(target), temporary);
  await rm(made, { force: true });
  const found = await statOf(target);
  if (entry.mode === "120000") await symlink(content.toString(), made);
  else await writeNew(made, content, found?.isFile() ? found.mode & 0o777 : undefined, entry.mode === "100755");
  // An empty folder may be left where a file is to be.
  if (found?.isDirectory()) await rmdir(target);
  await rename(made, target);
}

async function writeNew(file: string, content: Buffer, permissions: number | undefined, executable: boolean): Promise<void> {
  const handle = await open(file, "wx", 0o666);
  try {
    await handle.writeFile(content);
    const plain = permissions ?? (await handle.stat()).mode & 0o777;
    // Whoever may read a program may run it.
    const wanted = executable ? plain | ((plain & 0o444) >> 2) : plain & ~0o111;
    if (process.platform !== "win32") await handle.chmod(wanted);
  } finally {
    await handle.close();
  }
}

/** Folder by folder: making them all at once would follow a link in between. */
async function makeFolders(root: string, folder: string): Promise<void> {
  let at = root;
  for (const part of folder === "." ? [] : folder.split("/")) {
    at = join(at, part);
    const found = await statOf(at);
    if (!found) await mkdir(at);
    else if (!found.isDirectory()) throw new Error(`${at} is in the way: it is no folder.`);
  }
}

/** Removes a file, and the folders that are empty without it. */
export async function removeFile(root: string, path: string): Promise<void> {
  await unlink(join(root, path));
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    try {
      await rmdir(join(root, folder));
    } catch {
      return;
    }
  }
}

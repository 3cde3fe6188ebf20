// Looks at and writes single files of the user's tree. Never follows a link on the way, replaces a file in one step
// (its content waits aside until then), keeps its permissions.

import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { access, lstat, mkdir, open, readdir, readFile, readlink, rename, rm, rmdir, symlink, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Entry } from "./history.ts";

/** What is at a path now. `blocked`: something in the way that is not ours to remove, such as a link for a folder. */
export type Found =
  | { kind: "absent" }
  | { kind: "entry"; entry: Entry; content: Buffer; /** Of a plain file. */ permissions?: number }
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
  if (found.isFile())
    return { ...entryOf(found.mode & 0o100 ? "100755" : "100644", await readFile(file)), permissions: found.mode & 0o777 };
  return { kind: "blocked", by: path };
}

function entryOf(mode: Entry["mode"], content: Buffer): Extract<Found, { kind: "entry" }> {
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

/** All that is below a folder, by paths from the root: files, and folders with nothing in them, these with a slash. */
export async function allBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  if (entries.length === 0) return [`${folder}/`];
  const lists = await Promise.all(
    entries.map(async (entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? await allBelow(root, path) : [path];
    }),
  );
  return lists.flat();
}

/** The folders above the path that are not there, the highest first. */
export async function missingFolders(root: string, path: string): Promise<string[]> {
  const nearest = await nearestFolder(root, path);
  const known = nearest === "." ? 0 : nearest.split("/").length;
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/")).slice(known);
}

/** The nearest folder above the path that is there. */
export async function nearestFolder(root: string, path: string): Promise<string> {
  let nearest = ".";
  for (const part of path.split("/").slice(0, -1)) {
    const next = nearest === "." ? part : `${nearest}/${part}`;
    if (!(await statOf(join(root, next)))?.isDirectory()) break;
    nearest = next;
  }
  return nearest;
}

export async function isWritable(folder: string): Promise<boolean> {
  return await access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `as`: exactly these permissions. */
export type Aside = { mode: Entry["mode"]; content: Buffer; as?: number | undefined };

/** On the disk when this returns; `permissions` are those of the file whose place it will take. */
export async function writeAside(file: string, { mode, content, as }: Aside, permissions: number | undefined): Promise<void> {
  await rm(file, { force: true });
  if (mode === "120000") return await symlink(content.toString(), file);
  const handle = await open(file, "wx", 0o666);
  try {
    await handle.writeFile(content);
    const plain = permissions ?? (await handle.stat()).mode & 0o777;
    // Whoever may read a program may run it.
    const wanted = mode === "100755" ? plain | ((plain & 0o444) >> 2) : plain & ~0o111;
    if (process.platform !== "win32") await handle.chmod(as ?? wanted);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function moveIn(root: string, aside: string, path: string): Promise<void> {
  await makeFolders(root, dirname(path));
  await rename(join(root, aside), join(root, path));
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

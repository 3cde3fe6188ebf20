// From a folder of files to a tree in the shadow repository. An index per folder remembers what was seen, so that a
// second look costs as much as what changed. The index is taken away while in use: nobody else works on it, and one
// that a crash left behind is simply not there.

import { randomBytes } from "node:crypto";
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isBrought } from "./alongside.ts";
import type { Commit } from "../protocol/ids.ts";
import { fields, type Git, GitFailed, nulSeparated, writtenOut } from "./git.ts";
import { heldBack, isStorable, takeable } from "./listing.ts";
import { type Differing, type Folder, isLargeIndex, lookAgain, lookFirst, reachable, rulesOf, type Seen } from "./looking.ts";
import type { Places } from "./places.ts";
import { checkCommit } from "./shadow.ts";
import { inheritedIgnores } from "./userRepository.ts";

/** A file of its own for each content is slow where there are many: what counts as big goes into one pack instead. */
const intoOnePack = ["core.bigFileThreshold=1"];
const manyFiles = 200;
/** git compares each content of such a pack with all before it. */
const packLimit = 10_000;

/** Runs `work` on the index alone; it is put back only when the work succeeds. */
export async function withIndex<T>(places: Places, index: string, work: (taken: string, fresh: boolean) => Promise<T>): Promise<T> {
  mkdirSync(places.temp, { recursive: true });
  const taken = join(places.temp, `index-${randomBytes(6).toString("hex")}`);
  // Moved and not copied: its own time of change is what tells git which entries to look at twice.
  const fresh = !moves(index, taken);
  try {
    const result = await work(taken, fresh);
    mkdirSync(dirname(index), { recursive: true });
    moves(taken, index);
    return result;
  } finally {
    rmSync(taken, { force: true });
    rmSync(`${taken}.lock`, { force: true });
  }
}

function moves(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

/** Notes the rules from outside the workspace, for its own files and for the worktrees'. */
export function recordIgnores(places: Places): void {
  const rules = inheritedIgnores(places.workspace);
  if (existsSync(places.ignores) && readFileSync(places.ignores, "utf8") === rules) return;
  const half = `${places.ignores}.${randomBytes(6).toString("hex")}`;
  writeFileSync(half, rules);
  renameSync(half, places.ignores);
}

/** A tree, and what is there but could not be taken into it: too large, unreadable, or of another kind. */
export type Staged = { tree: string; left: string[] };

/** The user's tree as it is now. */
export async function writeUserTree(git: Git, places: Places, also?: string[]): Promise<Staged> {
  return await withIndex(
    places,
    places.index,
    async (index) => await writeTree(git, { places, root: places.workspace, index, kind: "user" }, also),
  );
}

/**
 * A worktree as it is now; `index` holds what it began with, which belongs to it even where rules hide it. A file that
 * cannot be taken any more was not removed: it is as in `base`.
 */
export async function writeFolderTree(
  git: Git,
  places: Places,
  { root, index, base }: { root: string; index: string; base: Commit },
  also?: string[],
): Promise<Staged> {
  return await writeTree(git, { places, root, index, kind: "task", base }, also);
}

/** What was seen when an index was as it is: nobody else changed it since, or it is looked at from the beginning. */
const seenAt = new Map<string, Seen & { tree: string }>();
const seenLimit = 200;

/** The index of a folder was just made from a tree, and the folder with it. */
export function noteMade(places: Places, index: string, tree: string): void {
  note(index, { tree, rules: rulesOf(places), hidden: undefined, young: new Map() });
}

function note(index: string, seen: Seen & { tree: string }): void {
  const key = keyOf(index);
  if (key === undefined) return;
  if (seenAt.size >= seenLimit) seenAt.delete(seenAt.keys().next().value ?? "");
  seenAt.set(key, seen);
}

function keyOf(index: string): string | undefined {
  const found = lstatSync(index, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino} ${found.mtimeNs} ${found.size}`;
}

const attempts = 5;

/**
 * What becomes a folder, or goes behind a link, while it is looked at is looked at once more. `also`: these belong to it
 * even where rules hide them.
 */
async function writeTree(git: Git, folder: Folder, also: string[] = []): Promise<Staged> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await writeTreeOnce(git, folder, also);
    } catch (error) {
      if (!(error instanceof GitFailed) || attempt === attempts) throw error;
    }
  }
}

async function writeTreeOnce(git: Git, folder: Folder, also: string[]): Promise<Staged> {
  const key = keyOf(folder.index);
  const before = key === undefined ? undefined : seenAt.get(key);
  if (key !== undefined) seenAt.delete(key);
  const begun = before && !isLargeIndex(folder.index) ? beginPut(git, folder) : undefined;
  try {
    const differing = (before && (await lookAgain(git, folder, before))) ?? (await lookFirst(git, folder, before?.young));
    const hidden = reachable(
      folder.root,
      also.filter((path) => isStorable(path) && !differing.put.has(path)),
    );
    for (const path of hidden) differing.put.set(path, "new");
    const { isChanged, left, young } = await stage(git, folder, differing, begun);
    const tree = before && !isChanged ? before.tree : await treeOfIndex(git, folder);
    // What only this look takes in would be taken for the folder's own by the next.
    if (differing.seen && (hidden.length === 0 || folder.kind === "task"))
      note(folder.index, { ...differing.seen, young: new Map([...differing.seen.young, ...young]), tree });
    return { tree, left };
  } finally {
    await begun?.end().catch(() => undefined);
  }
}

type Begun = { put: (paths: Iterable<string>) => Promise<void>; /** Without it nothing is put. */ end: () => Promise<void> };

function putting(git: Git, { places, root, index }: Folder, input: string | Promise<string>, settings: string[]): Promise<unknown> {
  const args = ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"];
  return git({ args, settings, input, gitDir: places.shadow, workTree: root, indexFile: index });
}

/** git starts and reads the index while the folder is still looked at; with a large one there is enough to do as it is. */
function beginPut(git: Git, folder: Folder): Begun {
  const paths = Promise.withResolvers<string>();
  const done = putting(git, folder, paths.promise, writtenOut);
  done.catch(() => undefined);
  const give = async (input: string): Promise<void> => {
    paths.resolve(input);
    await done;
  };
  return { put: async (all) => await give(nulSeparated(all)), end: async () => await give("") };
}

async function treeOfIndex(git: Git, { places, index }: Folder): Promise<string> {
  const { stdout } = await git({ args: ["write-tree"], settings: writtenOut, gitDir: places.shadow, indexFile: index });
  return stdout.toString("utf8").trim();
}

/** Makes the index equal the folder. */
async function stage(
  git: Git,
  folder: Folder,
  { put, gone }: Differing,
  begun: Begun | undefined,
): Promise<{ isChanged: boolean; left: string[]; young: Map<string, bigint> }> {
  const { places, root, index, kind } = folder;
  for (const [path, was] of put) if (kind === "task" && was === "new" && isBrought(places, root, path)) put.delete(path);
  const { taken, left } = await takeable(root, put.keys());
  const removed = [...put].filter(([path, was]) => was === "same to git" || (was === "changed" && !taken.has(path))).map(([path]) => path);
  const leaving = [...gone, ...removed];
  const held = folder.base === undefined ? [] : heldBack(root, leaving);
  if (begun && leaving.length === 0 && taken.size > 0 && taken.size <= manyFiles) await begun.put(taken.keys());
  else {
    await begun?.end();
    const at = { gitDir: places.shadow, workTree: root, indexFile: index };
    if (leaving.length > 0) await git({ args: ["update-index", "--force-remove", "-z", "--stdin"], input: nulSeparated(leaving), ...at });
    const paths = [...taken.keys()];
    for (let i = 0; i < paths.length; i += packLimit)
      await putting(git, folder, nulSeparated(paths.slice(i, i + packLimit)), taken.size > manyFiles ? intoOnePack : writtenOut);
  }
  if (held.length > 0) await putBack(git, folder, new Set(held));
  const all = [...new Set([...left, ...held])].toSorted();
  return { isChanged: taken.size > 0 || leaving.length > 0, left: all, young: taken.size > manyFiles ? new Map() : taken };
}

/** As they are in what the folder was made from; what came later is not there at all. */
async function putBack(git: Git, { places, index, base }: Folder, paths: Set<string>): Promise<void> {
  const { stdout } = await git({ args: ["ls-tree", "-r", "-z", checkCommit(base!)], gitDir: places.shadow });
  const entries = fields(stdout).filter((entry) => paths.has(entry.slice(entry.indexOf("\t") + 1)));
  await git({ args: ["update-index", "-z", "--index-info"], input: nulSeparated(entries), gitDir: places.shadow, indexFile: index });
}

// In what a folder differs from its index. The first look lists both and compares; a later one asks git for the
// differences alone, and goes by what the one before found out about hidden files. Writes nothing.

import { lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Commit } from "../protocol/ids.ts";
import { fields, type Git } from "./git.ts";
import { changedSince, listDiffering, listFiles, listHidden, listTracked, type Listed } from "./listing.ts";
import type { Places } from "./places.ts";
import { userRepository } from "./userRepository.ts";

/** Of the user's tree what their repository tracks belongs into it, of a task's what it began with, even where rules hide it. */
export type Folder = { places: Places; root: string; index: string; kind: "user" | "task"; /** Of a task's. */ base?: Commit };

export type Differing = {
  put: Map<string, "new" | "changed" | "same to git">;
  /** In the index, and not to be there. */
  gone: string[];
  /** Absent where a later look has to be a first one again. */
  seen?: Seen;
};

/** What a later look need not find out again while it is so. */
export type Seen = {
  /** The rules from outside the folder. */
  rules: string;
  /** Of the user's tree: what their repository tracks though the rules hide it, those of it that are there, its index's state. */
  hidden: { at: string; paths: string[]; within: Set<string> } | undefined;
  /** Files that were just put into the index, with the times of their last change. */
  young: Map<string, bigint>;
};

/** Hidden files are looked at one by one. */
const hiddenLimit = 1000;

/** `earlier`: files that were young to the look before, if there was one. */
export async function lookFirst(git: Git, folder: Folder, earlier: Seen["young"] = new Map()): Promise<Differing> {
  const { places, root, kind } = folder;
  const at = userIndexState(places);
  const exact = isWholeRepository(places);
  const rules = rulesOf(places);
  const [listed, known, tracked] = await Promise.all([
    listFiles(git, places, root),
    indexed(git, folder),
    kind === "task" ? [] : exact ? listHidden(git, places) : listTracked(git, places),
  ]);
  const present = new Set(listed.files);
  const more = kind === "task" ? known.paths.difference(present) : tracked.filter((path) => !present.has(path));
  const within = new Set(reachable(root, more));
  const all = present.union(within);
  const young = stillYoung(root, earlier);
  const put: Differing["put"] = new Map([
    ...young.changed.filter((path) => all.has(path)).map((path) => [path, "same to git"] as const),
    ...[...all].filter((path) => !known.paths.has(path)).map((path) => [path, "new"] as const),
    ...known.modified.filter((path) => all.has(path)).map((path) => [path, "changed"] as const),
  ]);
  const gone = [...known.paths.difference(all)];
  const later = exact ? tracked : [...more];
  const hidden = kind === "user" ? { at, paths: later, within } : undefined;
  return listed.hasNested || later.length > hiddenLimit ? { put, gone } : { put, gone, seen: { rules, hidden, young: young.same } };
}

/**
 * Undefined where the rules may have changed, or another repository begins in the folder: its rules are its own. A rules
 * file that hides itself is seen by the next first look.
 */
export async function lookAgain(git: Git, folder: Folder, seen: Seen): Promise<Differing | undefined> {
  const { places, root, kind } = folder;
  const at = kind === "user" ? userIndexState(places) : "";
  const isTold = kind === "task" || at === (seen.hidden?.at ?? "");
  if (!isTold && !isWholeRepository(places)) return undefined;
  const [{ fresh, changed, gone: missing }, tracked] = await Promise.all([
    differences(git, folder),
    isTold ? seen.hidden?.paths : listHidden(git, places),
  ]);
  const rules = rulesOf(places);
  const young = stillYoung(root, seen.young);
  if (!fresh || rules !== seen.rules || [...fresh, ...changed, ...missing, ...young.changed].some(isRules)) return undefined;
  const before = seen.hidden?.within ?? new Set();
  const within = new Set(reachable(root, tracked ?? []));
  const put: Differing["put"] = new Map([
    ...young.changed.map((path) => [path, "same to git"] as const),
    ...changed.map((path) => [path, "changed"] as const),
    ...[...fresh, ...within.difference(before)].map((path) => [path, "new"] as const),
  ]);
  // A link may have taken the place of a folder above.
  const known = [...young.changed, ...changed];
  const lost = new Set(known).difference(new Set(reachable(root, known)));
  const gone = [...new Set([...missing, ...lost, ...before.difference(within)])];
  for (const path of gone) put.delete(path);
  return { put, gone, seen: { rules, hidden: tracked && { at, paths: tracked, within }, young: young.same } };
}

const secondsApart = 2;

/**
 * git compares times by the second: where a program sets them back, a file that it changed within the second in which we
 * saw it, to another of the same length, would be the same to it. Whoever is older than that is no longer in question.
 */
function stillYoung(root: string, young: Seen["young"]): { changed: string[]; same: Seen["young"] } {
  const changed: string[] = [];
  const same: Seen["young"] = new Map();
  const old = BigInt(Date.now() - secondsApart * 1000) * 1_000_000n;
  for (const [path, before] of young) {
    const now = changeTime(join(root, path));
    if (now !== undefined && now !== before) changed.push(path);
    else if (before > old) same.set(path, before);
  }
  return { changed, same };
}

function changeTime(file: string): bigint | undefined {
  try {
    return lstatSync(file, { bigint: true }).ctimeNs;
  } catch {
    return undefined;
  }
}

function isRules(path: string): boolean {
  return path === ".gitignore" || path.endsWith("/.gitignore");
}

/** Those from outside the folder; which ones hold depends on the repository as well. */
export function rulesOf(places: Places): string {
  return `${userRepository(places.workspace)?.root ?? ""}\n${readFileSync(places.ignores, "utf8")}`;
}

/** Only there the repository's own names of files are those of the workspace. */
function isWholeRepository(places: Places): boolean {
  return userRepository(places.workspace)?.root === places.workspace;
}

/** Another one whenever the user's index may be another one; empty where there is none. */
function userIndexState(places: Places): string {
  const repository = userRepository(places.workspace);
  const found = repository && statSync(join(repository.gitDir, "index"), { bigint: true, throwIfNoEntry: false });
  return found ? `${found.dev} ${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${found.size}` : "";
}

/** What an index holds, and what of it is not in the folder as it holds it. */
type Indexed = { paths: Set<string>; modified: string[] };

/** Both with one process, and beside the listing of the folder: a first look takes as long as the slower of the two. */
async function indexed(git: Git, { places, root, index }: Folder): Promise<Indexed> {
  const args = ["ls-files", "-z", "-t", "--cached", "--modified"];
  const { stdout } = await git({ args, gitDir: places.shadow, workTree: root, indexFile: index });
  const known: Indexed = { paths: new Set(), modified: [] };
  for (const field of fields(stdout)) {
    const path = field.slice(2);
    if (field.startsWith("C ")) known.modified.push(path);
    else known.paths.add(path);
  }
  return known;
}

/** Of an index in bytes: from some 8,000 files on two processes are quicker than one, though it takes a while to start them. */
const largeIndex = 1024 * 1024;

export function isLargeIndex(index: string): boolean {
  return (statSync(index, { throwIfNoEntry: false })?.size ?? 0) > largeIndex;
}

async function differences(git: Git, { places, root, index }: Folder): Promise<Listed> {
  if (!isLargeIndex(index)) return await listDiffering(git, places, root, index);
  const [{ fresh }, changed] = await Promise.all([
    listDiffering(git, places, root, index, "new alone"),
    changedSince(git, places, root, index),
  ]);
  return { fresh, ...changed };
}

/** Those that are there, and not behind a link that leads elsewhere. */
export function reachable(root: string, paths: Iterable<string>): string[] {
  const real = realpathSync(root);
  return [...paths].filter((path) => {
    try {
      return lstatSync(join(root, path)).isFile() || lstatSync(join(root, path)).isSymbolicLink()
        ? realpathSync(dirname(join(root, path))) === dirname(join(real, path))
        : false;
    } catch {
      return false;
    }
  });
}

// From a folder of files to a tree in the shadow repository. An index per folder remembers what was seen, so that a
// second look costs as much as what changed. The index is taken away while in use: nobody else works on it, and one
// that a crash left behind is simply not there.

import { randomBytes } from "node:crypto";
import { lstatSync, realpathSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isBrought } from "./alongside.ts";
import { fields, type Git, nulSeparated } from "./git.ts";
import { listFiles, listTracked, takeable } from "./listing.ts";
import type { Places } from "./places.ts";
import { inheritedIgnores } from "./userRepository.ts";

/** A file of its own for each content is slow where there are many: what counts as big goes into one pack instead. */
const intoOnePack = ["core.bigFileThreshold=1"];
const manyFiles = 200;

/** Runs `work` on the index alone; it is put back only when the work succeeds. */
export async function withIndex<T>(places: Places, index: string, work: (taken: string, fresh: boolean) => Promise<T>): Promise<T> {
  await mkdir(places.temp, { recursive: true });
  const taken = join(places.temp, `index-${randomBytes(6).toString("hex")}`);
  // Moved and not copied: its own time of change is what tells git which entries to look at twice.
  const fresh = !(await rename(index, taken).then(
    () => true,
    () => false,
  ));
  try {
    const result = await work(taken, fresh);
    await mkdir(dirname(index), { recursive: true });
    await rename(taken, index).catch(() => undefined);
    return result;
  } finally {
    await rm(taken, { force: true });
    await rm(`${taken}.lock`, { force: true });
  }
}

/** Notes the rules from outside the workspace, for its own files and for the worktrees'. */
export async function recordIgnores(places: Places): Promise<void> {
  const half = `${places.ignores}.${randomBytes(6).toString("hex")}`;
  await writeFile(half, inheritedIgnores(places.workspace));
  await rename(half, places.ignores);
}

/** A tree, and what is there but could not be taken into it: too large, unreadable, or of another kind. */
export type Staged = { tree: string; left: string[] };

/** The user's tree as it is now. */
export async function writeUserTree(git: Git, places: Places): Promise<Staged> {
  return await withIndex(places, places.index, async (index) => {
    const [present, tracked, known] = await Promise.all([
      listFiles(git, places, places.workspace).then((listed) => new Set(listed)),
      listTracked(git, places),
      indexed(git, places, places.workspace, index),
    ]);
    const hidden = reachable(
      places.workspace,
      tracked.filter((path) => !present.has(path)),
    );
    return await stage(git, places, places.workspace, index, present.union(new Set(hidden)), known);
  });
}

/** A worktree as it is now; `index` holds what it began with, which belongs to it even where rules hide it. */
export async function writeFolderTree(git: Git, places: Places, folder: string, index: string): Promise<string> {
  const [listed, known] = await Promise.all([listFiles(git, places, folder), indexed(git, places, folder, index)]);
  const present = new Set(listed.filter((path) => known.paths.has(path) || !isBrought(places, folder, path)));
  const hidden = reachable(folder, known.paths.difference(present));
  return (await stage(git, places, folder, index, present.union(new Set(hidden)), known)).tree;
}

/** What an index holds, and what of it is not in the folder as it holds it. */
type Indexed = { paths: Set<string>; modified: string[] };

/** Both with one process, and beside the listing of the folder: a snapshot takes as long as the slower of the two. */
async function indexed(git: Git, places: Places, workTree: string, indexFile: string): Promise<Indexed> {
  const { stdout } = await git({ args: ["ls-files", "-z", "-t", "--cached", "--modified"], gitDir: places.shadow, workTree, indexFile });
  const known: Indexed = { paths: new Set(), modified: [] };
  for (const field of fields(stdout)) {
    const path = field.slice(2);
    if (field.startsWith("C ")) known.modified.push(path);
    else known.paths.add(path);
  }
  return known;
}

/** Makes the index equal the given files of the folder and returns its tree. */
async function stage(
  git: Git,
  places: Places,
  workTree: string,
  indexFile: string,
  present: Set<string>,
  { paths: known, modified }: Indexed,
): Promise<Staged> {
  const at = { gitDir: places.shadow, workTree, indexFile };
  const changed = [...present.difference(known), ...modified.filter((path) => present.has(path))];
  const taken = await takeable(workTree, changed);
  const lost = new Set(changed).difference(taken);
  const gone = [...known].filter((path) => !present.has(path) || lost.has(path));
  if (gone.length > 0) await git({ args: ["update-index", "--force-remove", "-z", "--stdin"], input: nulSeparated(gone), ...at });
  if (taken.size > 0) {
    const settings = taken.size > manyFiles ? intoOnePack : [];
    await git({ args: ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"], settings, input: nulSeparated(taken), ...at });
  }
  const { stdout } = await git({ args: ["write-tree"], ...at });
  return { tree: stdout.toString("utf8").trim(), left: [...lost].toSorted() };
}

/** Those that are there, and not behind a link that leads elsewhere. */
function reachable(root: string, paths: Iterable<string>): string[] {
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

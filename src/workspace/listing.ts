// Which files of a folder belong into a snapshot: all but what the folder's ignore rules hide, never a `.git`, nested
// repositories file by file. Lists and looks; reads no contents.

import { lstatSync, accessSync, constants } from "node:fs";
import { join, relative, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fields, type Git } from "./git.ts";
import type { Places } from "./places.ts";
import { userRepository } from "./userRepository.ts";

/** Restored from elsewhere, never written by hand: in no snapshot, whatever the ignore rules say. */
export const dependencyFolders = ["node_modules", ".venv"];

/** Where no repository tells what is worth keeping. */
const generated =
  "venv __pycache__ .mypy_cache .pytest_cache .ruff_cache .tox target dist .gradle bower_components .next .nuxt .turbo .parcel-cache " +
  ".cache .hg .svn .jj .DS_Store Thumbs.db";

export const sizeLimit = 50 * 1024 * 1024;

const noIndex = "no-index";

/** Everything in `root` that the ignore rules do not hide, by paths with `/`. */
export async function listFiles(git: Git, places: Places, root: string): Promise<{ files: string[]; hasNested: boolean }> {
  const found: string[] = [];
  const open = [""];
  let repositories = 0;
  for (let nested = open.pop(); nested !== undefined; nested = open.pop()) {
    repositories++;
    const args = ["ls-files", "-z", "--others", ...excludes(places, root, nested)];
    const { stdout } = await git({ args, gitDir: places.shadow, workTree: join(root, nested), indexFile: join(places.home, noIndex) });
    for (const path of fields(stdout)) {
      // A folder is named as such only where another repository begins.
      if (path.endsWith("/")) open.push(nested + path);
      else found.push(nested + path);
    }
  }
  return { files: found.filter(isStorable), hasNested: repositories > 1 };
}

export type Listed = { /** Undefined where another repository begins. */ fresh: string[] | undefined; changed: string[]; gone: string[] };

/** In what the folder differs from the index, by one process. */
export async function listDiffering(git: Git, places: Places, root: string, indexFile: string, only?: "new alone"): Promise<Listed> {
  const what = only ? ["--others"] : ["--others", "--modified", "--deleted"];
  const args = ["ls-files", "-z", "-t", ...what, ...excludes(places, root, "")];
  const found = fields((await git({ args, gitDir: places.shadow, workTree: root, indexFile })).stdout);
  const marked = (mark: string): string[] => found.filter((field) => field.startsWith(mark)).map((field) => field.slice(2));
  const [fresh, gone] = [marked("? "), marked("R ")];
  // What is not there counts as modified too.
  const changed = new Set(marked("C ")).difference(new Set(gone));
  return { fresh: fresh.some((path) => path.endsWith("/")) ? undefined : fresh.filter(isStorable), changed: [...changed], gone };
}

/** The same without what is new, by a process that looks at many files at once with several threads. */
export async function changedSince(git: Git, places: Places, workTree: string, indexFile: string): Promise<Omit<Listed, "fresh">> {
  const { stdout } = await git({ args: ["diff-files", "-z", "--name-status"], gitDir: places.shadow, workTree, indexFile });
  const changed: Omit<Listed, "fresh"> = { changed: [], gone: [] };
  const parts = fields(stdout);
  for (let i = 0; i + 1 < parts.length; i += 2) changed[parts[i] === "D" ? "gone" : "changed"].push(parts[i + 1]!);
  return changed;
}

function excludes(places: Places, root: string, nested: string): string[] {
  const names = userRepository(places.workspace) ? dependencyFolders : [...dependencyFolders, ...generated.split(" ")];
  const within = relative(join(root, nested), places.dataDir);
  const ours = within === "" || within.startsWith("..") ? [] : [`--exclude=/${within.split(sep).join("/")}/`];
  const inherited = nested === "" ? [`--exclude-from=${places.ignores}`] : [];
  return [...names.map((name) => `--exclude=${name}`), ...ours, ...inherited, "--exclude-per-directory=.gitignore"];
}

/** What the user's repository tracks. */
export async function listTracked(git: Git, places: Places, only: string[] = []): Promise<string[]> {
  const repository = userRepository(places.workspace);
  if (!repository) return [];
  const { code, stdout } = await git({
    args: ["ls-files", "-z", "--cached", ...only],
    gitDir: places.shadow,
    workTree: repository.root,
    cwd: places.workspace,
    indexFile: join(repository.gitDir, "index"),
    // An index of a form we cannot read costs only what is tracked and ignored at once.
    answers: [128],
  });
  return code === 0 ? fields(stdout).filter(isStorable) : [];
}

/** What of that the rules would hide; for a workspace that is the whole repository. */
export async function listHidden(git: Git, places: Places): Promise<string[]> {
  return await listTracked(git, places, ["--ignored", ...excludes(places, places.workspace, "")]);
}

/** Names that git would refuse to store, and names that are no text. */
export function isStorable(path: string): boolean {
  return !path.includes("\uFFFD") && !/(^|\/)(\.git|git~\d)([ .:][^/]*)?(\/|$)/i.test(path);
}

export type Takeable = {
  /** With the times of their last change. */ taken: Map<string, bigint>;
  /** There, and no folder, but not to be taken. */ left: string[];
};

/** Plain files within the limit that can be read, and links; others cannot be taken into a snapshot. */
export async function takeable(root: string, paths: Iterable<string>): Promise<Takeable> {
  const found: Takeable = { taken: new Map(), left: [] };
  let looked = 0;
  for (const path of paths) {
    const what = lookAt(join(root, path));
    if (typeof what === "bigint") found.taken.set(path, what);
    else if (what === "other") found.left.push(path);
    if (++looked % 400 === 0) await setImmediate();
  }
  return found;
}

/** Those that are there though nothing of them can be taken, and not behind a link: nobody removed them. */
export function heldBack(root: string, paths: Iterable<string>): string[] {
  return [...paths].filter((path) => {
    const parts = path.split("/");
    try {
      if (parts.slice(1).some((_, i) => !lstatSync(join(root, ...parts.slice(0, i + 1))).isDirectory())) return false;
    } catch (error) {
      // Within a folder that may not be entered nobody can tell.
      return !isMissing(error);
    }
    return lookAt(join(root, path)) === "other";
  });
}

function lookAt(file: string): bigint | "other" | "nothing" {
  try {
    const found = lstatSync(file, { bigint: true });
    if (found.isDirectory()) return "nothing";
    if (found.isSymbolicLink()) return found.ctimeNs;
    if (!found.isFile() || found.size > sizeLimit) return "other";
    accessSync(file, constants.R_OK);
    return found.ctimeNs;
  } catch (error) {
    return isMissing(error) ? "nothing" : "other";
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "ENOENT" || code === "ENOTDIR";
}

// What lies between two commits, and how two lines of work are joined. Touches no folder of files.

import type { FileChange } from "../protocol/events.ts";
import type { Commit, SessionId } from "../protocol/ids.ts";
import type { Patch } from "../core/workspacePort.ts";
import { fields, type Git } from "./git.ts";
import type { Places } from "./places.ts";
import { checkCommit, keptCommit, passingCommit, treeOf } from "./shadow.ts";

/** One file on one side; `blob` is the hash of its content. */
export type Entry = { mode: "100644" | "100755" | "120000"; blob: string };

/** A path that differs; a side is absent where the file is not there. */
export type Difference = { path: string; before?: Entry; after?: Entry; added: number; removed: number };

export function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.mode === b?.mode && a?.blob === b?.blob;
}

const plainDiff = ["-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];

export async function differences(git: Git, places: Places, from: Commit, to: Commit): Promise<Difference[]> {
  return (await compared(git, places, from, to, [])).found;
}

export type Compared = { found: Difference[]; /** Its text, in the order of the files. */ patch: Buffer };

/** What differs, and the text of it, by one process. */
export async function differencesAndPatch(git: Git, places: Places, from: Commit, to: Commit): Promise<Compared> {
  return await compared(git, places, from, to, ["--patch"]);
}

async function compared(git: Git, places: Places, from: Commit, to: Commit, more: string[]): Promise<Compared> {
  const args = ["diff-tree", ...plainDiff, "-z", "--raw", "--numstat", "--no-abbrev", ...more, checkCommit(from), checkCommit(to)];
  const { stdout } = await git({ args, gitDir: places.shadow });
  const found = new Map<string, Difference>();
  let at = 0;
  const next = (): string => {
    const end = stdout.indexOf(0, at);
    const field = stdout.toString("utf8", at, end);
    at = end + 1;
    return field;
  };
  // An empty field parts the names from the text.
  for (let field = at < stdout.length ? next() : ""; field !== ""; field = at < stdout.length ? next() : "") {
    if (field.startsWith(":")) {
      const [modeBefore = "", modeAfter = "", blobBefore = "", blobAfter = ""] = field.slice(1).split(" ");
      const path = next();
      found.set(path, { path, ...side("before", modeBefore, blobBefore), ...side("after", modeAfter, blobAfter), added: 0, removed: 0 });
    } else {
      const [added = "", removed = "", path = ""] = splitCounts(field);
      // Contents that are no text have no lines: git shows "-".
      Object.assign(found.get(path) ?? {}, { added: Number(added) || 0, removed: Number(removed) || 0 });
    }
  }
  return { found: [...found.values()], patch: stdout.subarray(at) };
}

function side(name: "before" | "after", mode: string, blob: string): Pick<Difference, "before" | "after"> {
  return mode === "000000" ? {} : { [name]: { mode, blob } };
}

function splitCounts(part: string): string[] {
  const [added = "", removed = "", ...path] = part.split("\t");
  return [added, removed, path.join("\t")];
}

export async function diff(git: Git, places: Places, from: Commit, to: Commit): Promise<Patch> {
  const { found, patch } = await differencesAndPatch(git, places, from, to);
  const files = found.map(({ path, before, after, added, removed }): FileChange => {
    const kind = before ? (after ? "modified" : "deleted") : "added";
    const link = [before, after].some((side) => side?.mode === "120000");
    return { path, kind, added, removed, ...(link ? { link } : {}) };
  });
  return { text: patch.toString("utf8"), files };
}

export type Joined = { commit: Commit; conflicts: string[] };
export type Lines = { base: Commit; ours: Commit; theirs: Commit };

export async function merge(git: Git, places: Places, sessionId: SessionId, lines: Lines, message: string): Promise<Joined> {
  const { base, ours, theirs } = lines;
  if (theirs === base || theirs === ours) return { commit: ours, conflicts: [] };
  if (ours === base) return { commit: theirs, conflicts: [] };
  const trees = await Promise.all([base, ours, theirs].map(async (commit) => await treeOf(git, places, commit)));
  const [baseTree = "", ourTree = "", theirTree = ""] = trees;
  if (theirTree === baseTree || theirTree === ourTree) return { commit: ours, conflicts: [] };
  // Commits of their own, because git takes the base from where two commits' pasts meet.
  const root = await passingCommit(places, { tree: baseTree, parents: [], message: "base" });
  const side = async (tree: string): Promise<Commit> => await passingCommit(places, { tree, parents: [root], message: "side" });
  const [left, right] = await Promise.all([side(ourTree), side(theirTree)]);
  const args = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", left, right];
  const { code, stdout } = await git({ args, gitDir: places.shadow, answers: [1] });
  const [tree = "", ...names] = fields(stdout);
  if (code === 1) return { commit: ours, conflicts: [...new Set(names)] };
  return { commit: await keptCommit(places, sessionId, { tree, parents: [ours, theirs], message }), conflicts: [] };
}

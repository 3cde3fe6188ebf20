// Which files a commit of the session's work holds, and as what: landing after landing, put on what HEAD has. Of files that a
// person put together by hand it holds what they hold now.

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommitWish, Prepared } from "../core/repositoryPort.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { fields, type Git, nulSeparated } from "./git.ts";
import { type Difference, differences, type Entry } from "./history.ts";
import type { Places } from "./places.ts";
import { joinFile } from "./commitJoin.ts";
import {
  type Content,
  filteredOf,
  type IndexEntry,
  inRepositoryForm,
  isSame,
  type Kept,
  type KeptFile,
  writeRaw,
} from "./repositoryForm.ts";
import { readBlobs } from "./shadow.ts";
import { look } from "./userFiles.ts";
import type { Step } from "./userIndex.ts";
import type { UserGit } from "./userGit.ts";

export type Chosen = Pick<Prepared, "exact" | "joined" | "filtered" | "remarks"> & {
  steps: Step[];
  /** HEAD has some of the changes already. */ held: boolean;
};

type Head = {
  /** An index that holds just what HEAD has. */ file: string;
  entries: Map<string, IndexEntry>;
  /** Known to the user's own index. */ staged: Map<string, IndexEntry>;
};

export async function chooseFiles(git: Git, places: Places, user: UserGit, head: Head, wish: CommitWish): Promise<Result<Chosen>> {
  const put = await putTogether(git, places, user, head, wish);
  if (!put.ok) return put;
  const { present, clashes, raw, touched, inexact, byHand, lost, held } = put.value;
  const changed = [...present].filter(([path, next]) => !isSame(head.entries.get(path), next));
  const back = wish.waiting > 0 ? new Set<string>() : await takenBack(user, head, [...changed.map(([path]) => path), ...clashes]);
  const clashing = [...clashes].filter((path) => !back.has(path));
  if (clashing.length > 0) return fail("conflict", clashOf(clashing, head));
  for (const path of byHand) if (present.has(path) && isSame(present.get(path), head.entries.get(path))) back.add(path);
  const hidden = await ignored(user, head, changed);
  const left = back.union(hidden);
  const steps = changed
    .filter(([path]) => !left.has(path))
    .map(([path, next]): Step => ({ path, head: asKept(head.entries.get(path)), next }));
  for (const { next } of steps) if (next && raw.has(next.blob)) await writeRaw(user, raw.get(next.blob)!);
  const names = new Set(steps.map(({ path }) => path));
  const filtered = await filteredOf(user, head.file, new Map([...touched].filter(([path]) => names.has(path))));
  const joined = [...byHand].filter((path) => names.has(path));
  return ok({
    steps,
    exact: !steps.some(({ path }) => inexact.has(path)),
    held: held.size > 0,
    joined: [...byHand].map((path) => ({ path, lost: lost.has(path) })),
    filtered,
    remarks: [
      ...(back.size > 0 ? [`Left out, because your files are as HEAD has them: ${[...back].join(", ")}.`] : []),
      ...(hidden.size > 0 ? [`Left out, because your ignore rules hide them: ${[...hidden].join(", ")}.`] : []),
      ...(joined.length > 0
        ? [`Joined by hand, so committed as your files hold them, with all that is yours in them: ${joined.join(", ")}.`]
        : []),
    ],
  });
}

/** All paths are seen from the root of the repository. */
type Put = {
  present: Map<string, Kept | undefined>;
  clashes: Set<string>;
  /** Those of `present` that are not just as the session made them. */ inexact: Set<string>;
  /** Contents by the hash that they have as they stand. */ raw: Map<string, Buffer>;
  touched: Map<string, Content>;
  byHand: Set<string>;
  lost: Set<string>;
  /** HEAD has the change already. */ held: Set<string>;
};

async function putTogether(git: Git, places: Places, user: UserGit, head: Head, wish: CommitWish): Promise<Result<Put>> {
  const own = await inFiles(
    user,
    head,
    wish.joined.map((path) => user.prefix + path),
  );
  const put: Put = {
    present: new Map(),
    clashes: new Set(),
    inexact: new Set(),
    raw: new Map(),
    touched: new Map(),
    byHand: own.asked,
    lost: new Set(),
    held: new Set(),
  };
  const landed = wish.differences.length - wish.waiting;
  for (const [i, { base, commit }] of wish.differences.entries()) {
    const found = await differences(git, places, base, commit);
    const nested = found.find(({ path }) => isNested(user, head, path));
    if (nested) return fail("conflict", `${nested.path} lies in a repository of its own: commit it there with git.`);
    const contents = await readBlobs(
      git,
      places,
      found.flatMap(({ before, after }) => [before?.blob ?? [], after?.blob ?? []].flat()),
    );
    const sides = await Promise.all(
      (["before", "after"] as const).map(async (side) => await inRepositoryForm(user, head.file, sideOf(user, found, side, contents))),
    );
    for (const [path, content] of sideOf(user, found, "after", contents)) put.touched.set(path, content);
    for (const difference of found) {
      const path = user.prefix + difference.path;
      const [before, after] = sides.map((side) => side.get(path));
      if (i < landed && own.asked.has(path)) takeOwn(put, own, path, after);
      else await putOn(user, head, put, { path, before, after });
      if (after && difference.after) put.raw.set(after.raw, contents.get(difference.after.blob)!);
    }
  }
  return ok(put);
}

function takeOwn({ present, inexact, touched, lost }: Put, { kept, contents }: InFiles, path: string, after: KeptFile | undefined): void {
  const [file, content] = [kept.get(path), contents.get(path)];
  present.set(path, file);
  inexact.add(path);
  if (content) touched.set(path, content);
  if (after && !file) lost.add(path);
}

type Change = { path: string; before: KeptFile | undefined; after: KeptFile | undefined };

async function putOn(user: UserGit, head: Head, { present, clashes, inexact, held }: Put, { path, before, after }: Change): Promise<void> {
  const now = present.has(path) ? present.get(path) : asKept(head.entries.get(path));
  const joined = await joinFile(user, { before, after, head: now });
  if (joined.kind === "clash") clashes.add(path);
  else present.set(path, joined.file);
  if (joined.kind === "is" && !isSame(before, after) && isSame(joined.file, now)) held.add(path);
  if (joined.kind === "is" && !joined.exact) inexact.add(path);
}

function sideOf({ prefix }: UserGit, found: Difference[], side: "before" | "after", contents: Map<string, Buffer>): Map<string, Content> {
  return new Map(
    found.flatMap((difference) => {
      const entry: Entry | undefined = difference[side];
      return entry ? [[prefix + difference.path, { mode: entry.mode, content: contents.get(entry.blob)! }]] : [];
    }),
  );
}

function asKept(entry: IndexEntry | undefined): Kept | undefined {
  return entry as Kept | undefined;
}

function isNested({ prefix, repository: { root } }: UserGit, { entries }: Head, path: string): boolean {
  const parts = (prefix + path).split("/");
  return parts.some((_, i) => {
    const at = parts.slice(0, i + 1).join("/");
    return entries.get(at)?.mode === "160000" || (i < parts.length - 1 && existsSync(join(root, at, ".git")));
  });
}

function clashOf(paths: string[], { entries }: Head): string {
  const unknown = paths.filter((path) => !entries.has(path));
  const [named, why] =
    unknown.length > 0
      ? [unknown, "not in HEAD, so the session's part of them cannot be told from yours"]
      : [paths, "changed there too, by you or by a commit since, on the same lines as by the session"];
  const list = named.join(", ");
  return `Nothing was committed: ${list} ${named.length === 1 ? "is" : "are"} ${why}. Commit your own edits first (git add -p), or all of it at once: git add ${list} && git commit`;
}

/** Files that are by now just what HEAD has: somebody did not want the change after all. */
async function takenBack(user: UserGit, head: Head, paths: string[]): Promise<Set<string>> {
  const { kept } = await inFiles(user, head, paths);
  return new Set(paths.filter((path) => isSame(kept.get(path), head.entries.get(path))));
}

type InFiles = { asked: Set<string>; contents: Map<string, Content>; kept: Map<string, KeptFile> };

/** The person's own files as they are now; what is not there is in neither map. */
async function inFiles(user: UserGit, head: Head, paths: string[]): Promise<InFiles> {
  const contents = new Map<string, Content>();
  for (const path of paths) {
    const there = await look(user.repository.root, path);
    if (there.kind === "entry") contents.set(path, { mode: there.entry.mode, content: there.content });
  }
  return { asked: new Set(paths), contents, kept: await inRepositoryForm(user, head.file, contents) };
}

/** New files that the ignore rules hide and that nobody has staged all the same. */
async function ignored(
  { run, repository: { root } }: UserGit,
  { entries, staged }: Head,
  changed: [string, Kept | undefined][],
): Promise<Set<string>> {
  const fresh = changed.flatMap(([path, next]) => (next && !entries.has(path) && !staged.has(path) ? [path] : []));
  if (fresh.length === 0) return new Set();
  const args = ["check-ignore", "--no-index", "-z", "--stdin"];
  const { stdout } = await run({ args, workTree: root, cwd: root, input: nulSeparated(fresh), answers: [1] });
  return new Set(fields(stdout));
}

// Some parts of a change: whole files, or hunks of a file's diff, made into a commit of their own on the commit that the
// change began at. Contents are put together from the lines of both sides, so that every byte is one of theirs.

import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ChangePart } from "../protocol/events.ts";
import type { Commit, SessionId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { Git } from "./git.ts";
import { type Difference, differencesAndPatch, type Entry } from "./history.ts";
import type { Places } from "./places.ts";
import { checkCommit, keptCommit, readBlobs, writeBlob } from "./shadow.ts";

/** Lines `from` up to but not including `to`, counted from 0, on either side. */
type Range = { from: number; to: number };
type Hunk = { before: Range; after: Range };
type Change = Difference & { hunks: Hunk[] };

/** The hunks of each file, as the diff between the two commits has them. */
export async function changes(git: Git, places: Places, base: Commit, result: Commit): Promise<Change[]> {
  const { found, patch } = await differencesAndPatch(git, places, base, result);
  const sections = hunksOf(patch.toString("latin1"));
  // One kind of entry that becomes another is told as a removal and an addition, and can only be taken whole.
  const changed = found.map((difference): Change => {
    const [first = []] = sections.splice(0, isAnotherKind(difference) ? 2 : 1);
    return { ...difference, hunks: isAnotherKind(difference) ? [] : first };
  });
  if (sections.length > 0) throw new Error("the diff tells of other files than the commits");
  return changed;
}

function isAnotherKind({ before, after }: Difference): boolean {
  return before !== undefined && after !== undefined && (before.mode === "120000") !== (after.mode === "120000");
}

/** No line of a hunk begins like a heading: each has a sign in front. */
const heading = /(?:^|\n)(?:diff --git |@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@)/g;

function hunksOf(patch: string): Hunk[][] {
  const files: Hunk[][] = [];
  for (const [, ...figures] of patch.matchAll(heading)) {
    const [a, b, c, d] = figures;
    if (a === undefined) files.push([]);
    else files.at(-1)?.push({ before: rangeOf(a, b), after: rangeOf(c!, d) });
  }
  return files;
}

/** git counts lines from 1; where there are none it names the line before. */
function rangeOf(start: string, count = "1"): Range {
  const from = count === "0" ? Number(start) : Number(start) - 1;
  return { from, to: from + Number(count) };
}

/** The parts as a commit on `base`; fails where one of them cannot be without another that is not among them. */
export async function pick(
  git: Git,
  places: Places,
  sessionId: SessionId,
  lines: { base: Commit; result: Commit },
  parts: ChangePart[],
): Promise<Result<Commit>> {
  const all = await changes(git, places, lines.base, lines.result);
  const wanted = new Map(parts.map((part) => [part.path, part]));
  const picked = all.filter(({ path }) => wanted.has(path));
  const lacking = missing(picked, all);
  if (lacking) return lacking;
  const entries = new Map<string, Entry | undefined>();
  for (const change of picked) entries.set(change.path, await entryOf(git, places, change, wanted.get(change.path)!.hunks));
  const tree = await treeWith(git, places, lines.base, entries);
  return ok(await keptCommit(places, sessionId, { tree, parents: [lines.base], message: "Parts of the proposed changes" }));
}

/** A file cannot come where another one, or a folder of others, still stands. */
function missing(picked: Change[], all: Change[]): ReturnType<typeof fail> | undefined {
  const names = new Set(picked.map(({ path }) => path));
  const standing = all.filter(({ path, before, after }) => before && !after && !names.has(path));
  for (const { path, before } of picked) {
    const other = before ? undefined : standing.find((one) => isWithin(path, one.path) || isWithin(one.path, path));
    if (other) return fail("conflict", `${path} takes the place of ${other.path}: take or refuse both together.`);
  }
  return undefined;
}

function isWithin(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** The file with only these hunks; what is no line (its being there, its mode) belongs to the first. */
async function entryOf(git: Git, places: Places, change: Change, chosen: number[] | undefined): Promise<Entry | undefined> {
  const { before, after, hunks } = change;
  if (chosen === undefined || hunks.every((_, i) => chosen.includes(i))) return after;
  if (!before || !after || chosen.length === 0) return before;
  const contents = await readBlobs(git, places, [before.blob, after.blob]);
  const [old, fresh] = [linesOf(contents.get(before.blob)!), linesOf(contents.get(after.blob)!)];
  const mixed: Buffer[] = [];
  let at = 0;
  for (const [i, hunk] of hunks.entries()) {
    mixed.push(old({ from: at, to: hunk.before.from }), chosen.includes(i) ? fresh(hunk.after) : old(hunk.before));
    at = hunk.before.to;
  }
  const blob = await writeBlob(places, Buffer.concat([...mixed, old({ from: at, to: Infinity })]));
  return { mode: (chosen.includes(0) ? after : before).mode, blob };
}

/** Lines as they are, each with its end, whatever that is; the last one may have none. */
function linesOf(content: Buffer): (range: Range) => Buffer {
  const starts = [0];
  for (let end = content.indexOf(10); end >= 0; end = content.indexOf(10, end + 1)) starts.push(end + 1);
  return ({ from, to }) => content.subarray(starts[from] ?? content.length, starts[to] ?? content.length);
}

async function treeWith(git: Git, places: Places, base: Commit, entries: Map<string, Entry | undefined>): Promise<string> {
  await mkdir(places.temp, { recursive: true });
  const indexFile = join(places.temp, `index-${randomBytes(6).toString("hex")}`);
  const at = { gitDir: places.shadow, indexFile };
  try {
    await git({ args: ["read-tree", checkCommit(base)], ...at });
    // Removals first, so that a folder can become a file and the other way round.
    const gone = [...entries].filter(([, entry]) => !entry).map(([path]) => `0 ${"0".repeat(40)}\t${path}\0`);
    const put = [...entries].flatMap(([path, entry]) => (entry ? [`${entry.mode} ${entry.blob}\t${path}\0`] : []));
    await git({ args: ["update-index", "-z", "--index-info"], input: [...gone, ...put].join(""), ...at });
    const { stdout } = await git({ args: ["write-tree"], ...at });
    return stdout.toString("utf8").trim();
  } finally {
    await rm(indexFile, { force: true });
    await rm(`${indexFile}.lock`, { force: true });
  }
}

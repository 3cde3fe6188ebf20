// The shadow repository: where snapshots live, outside the workspace and out of reach of its configuration. Bytes go in
// and come out unchanged whatever the workspace's attributes say. Owns objects and the refs that keep them; folders of
// files are the business of staging.ts and worktrees.ts.

import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { Commit, SessionId } from "../protocol/ids.ts";
import type { Git } from "./git.ts";
import { blobObject, type CommitText, commitObject, flushFolder, place } from "./objects.ts";
import { type Places, safeName } from "./places.ts";

export const unchangingAttributes = "* -text -eol -ident -filter -working-tree-encoding -crlf\n";

const config = `[core]
	repositoryformatversion = 0
	bare = true
	filemode = ${process.platform !== "win32"}
	symlinks = true
	ignorecase = false
	autocrlf = false
	safecrlf = false
	longpaths = true
	precomposeunicode = false
	quotepath = false
	fsync = committed,loose-object
	fsyncmethod = batch
	logallrefupdates = false
[merge]
	directoryRenames = false
[advice]
	detachedHead = false
`;

/** Made by hand, so that no template of the machine gets in, and moved into place, so that a half-made one never counts. */
export async function ensureShadow(places: Places): Promise<void> {
  if (existsSync(join(places.shadow, "HEAD"))) return;
  const half = `${places.shadow}.${randomBytes(6).toString("hex")}`;
  for (const folder of ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"])
    await mkdir(join(half, folder), { recursive: true, mode: 0o700 });
  await writeFile(join(half, "config"), config);
  await writeFile(join(half, "info", "attributes"), unchangingAttributes);
  await writeFile(join(half, "HEAD"), "ref: refs/heads/none\n");
  await writeFile(join(places.home, "path"), `${places.workspace}\n`);
  try {
    await rename(half, places.shadow);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Another program was faster: then theirs is the one.
    if (!existsSync(join(places.shadow, "HEAD"))) throw error;
  }
}

/** For what comes from a record or a caller and goes into an argument list. */
export function checkCommit(commit: Commit): Commit {
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`not a commit: ${JSON.stringify(commit)}`);
  return commit;
}

/** A commit that somebody needs for a moment: nothing keeps it. */
export async function passingCommit(places: Places, text: CommitText): Promise<Commit> {
  const { hash, path, bytes } = commitObject(text);
  const file = join(places.shadow, "objects", path);
  if (!existsSync(file)) await place(places.temp, new Map([[file, bytes]]), false);
  trees.set(hash, text.tree);
  return hash;
}

/** A commit that is kept, with all it needs, for as long as the session's record exists; on the disk when this returns (A3). */
export async function keptCommit(places: Places, sessionId: SessionId, text: CommitText): Promise<Commit> {
  const { hash, path, bytes } = commitObject(text);
  trees.set(hash, text.tree);
  const ref = refOf(places, sessionId, hash);
  if (existsSync(ref)) await flushFolder(dirname(ref));
  else
    await place(
      places.temp,
      new Map<string, Uint8Array | string>([
        [join(places.shadow, "objects", path), bytes],
        [ref, `${hash}\n`],
      ]),
      true,
    );
  return hash;
}

/** Of commits, which never change; forgotten as a whole when they become many. */
const trees = new Map<Commit, string>();
const treesLimit = 5000;

export async function treeOf(git: Git, places: Places, commit: Commit): Promise<string> {
  const known = trees.get(checkCommit(commit));
  if (known !== undefined) return known;
  const { stdout } = await git({ args: ["rev-parse", "--verify", "--end-of-options", `${commit}^{tree}`], gitDir: places.shadow });
  const tree = stdout.toString("utf8").trim();
  if (trees.size >= treesLimit) trees.clear();
  trees.set(commit, tree);
  return tree;
}

export function refOf(places: Places, sessionId: SessionId, commit: Commit): string {
  return join(places.shadow, "refs", "ao", safeName(sessionId), commit);
}

export async function keptFor(git: Git, places: Places, sessionId: SessionId): Promise<Commit[]> {
  const args = ["for-each-ref", "--format=%(objectname)", `refs/ao/${safeName(sessionId)}/`];
  const { stdout } = await git({ args, gitDir: places.shadow });
  return stdout.toString("utf8").split("\n").filter(Boolean);
}

/** Keeps for one session what is kept for another. */
export async function keepToo(git: Git, places: Places, source: SessionId, sessionId: SessionId): Promise<void> {
  const commits = await keptFor(git, places, source);
  await place(places.temp, new Map(commits.map((commit) => [refOf(places, sessionId, commit), `${commit}\n`])), true);
}

export async function letGo(places: Places, sessionId: SessionId): Promise<void> {
  await rm(join(places.shadow, "refs", "ao", safeName(sessionId)), { recursive: true, force: true });
}

export async function readBlob(git: Git, places: Places, blob: string): Promise<Buffer> {
  return (await git({ args: ["cat-file", "blob", checkCommit(blob)], gitDir: places.shadow })).stdout;
}

export async function fileAt(git: Git, places: Places, commit: Commit, path: string): Promise<Uint8Array | undefined> {
  const { code, stdout } = await git({
    args: ["cat-file", "blob", `${checkCommit(commit)}:${path}`],
    gitDir: places.shadow,
    answers: [128],
  });
  return code === 0 ? stdout : undefined;
}

/** On the disk when this returns. */
export async function writeBlob(places: Places, content: Uint8Array): Promise<string> {
  const { hash, path, bytes } = blobObject(content);
  await place(places.temp, new Map([[join(places.shadow, "objects", path), bytes]]), true);
  return hash;
}

/** Contents of many blobs with one process. */
export async function readBlobs(git: Git, places: Places, blobs: Iterable<string>): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(blobs)];
  const found = new Map<string, Buffer>();
  if (wanted.length === 0) return found;
  const { stdout } = await git({ args: ["cat-file", "--batch"], gitDir: places.shadow, input: `${wanted.join("\n")}\n` });
  let at = 0;
  for (const blob of wanted) {
    const lineEnd = stdout.indexOf(10, at);
    const [, type, size] = stdout.toString("latin1", at, lineEnd).split(" ");
    if (type !== "blob") throw new Error(`the snapshot lacks the content ${blob}`);
    const start = lineEnd + 1;
    found.set(blob, stdout.subarray(start, start + Number(size)));
    at = start + Number(size) + 1;
  }
  return found;
}

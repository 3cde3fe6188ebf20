// Files of the workspace in the form that the repository keeps: line endings and encodings changed as `git add` does by the
// attributes, which runs no program. Works in a folder of our own, with the user's attribute files laid beside.

import { createHash, randomBytes } from "node:crypto";
import { copyFile, cp, lstat, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fields, nulSeparated } from "./git.ts";
import type { Entry } from "./history.ts";
import { writeAside } from "./userFiles.ts";
import type { UserGit } from "./userGit.ts";

/** A file as the repository has it; `raw`: what its hash would be with every byte as it stands in the workspace. */
export type Kept = { mode: Entry["mode"]; blob: string; raw?: string };
export type KeptFile = Kept & { raw: string };

/** One file of the workspace; paths are seen from the root of the repository. */
export type Content = { mode: Entry["mode"]; content: Buffer };

/** All that an index holds but what is in conflict, by path; repositories inside it too. */
export type IndexEntry = { mode: string; blob: string };

export function isSame(a: IndexEntry | undefined, b: IndexEntry | undefined): boolean {
  return a?.mode === b?.mode && a?.blob === b?.blob;
}

export async function indexEntries(
  { run }: Pick<UserGit, "run">,
  indexFile: string,
): Promise<{ entries: Map<string, IndexEntry>; clashes: boolean }> {
  const { stdout } = await run({ args: ["ls-files", "--stage", "-z"], indexFile });
  const entries = new Map<string, IndexEntry>();
  let clashes = false;
  for (const field of fields(stdout)) {
    const at = field.indexOf("\t");
    const [mode = "", blob = "", stage] = field.slice(0, at).split(" ");
    if (stage !== "0") clashes = true;
    else entries.set(field.slice(at + 1), { mode, blob });
  }
  return { entries, clashes };
}

/** Writes the contents into the object store; `headIndex` tells what the repository has now. */
export async function inRepositoryForm(user: UserGit, headIndex: string, files: Map<string, Content>): Promise<Map<string, KeptFile>> {
  if (files.size === 0) return new Map();
  const folder = await laidOut(user, files);
  const indexFile = `${folder}.index`;
  try {
    await cp(headIndex, indexFile);
    const input = nulSeparated(files.keys());
    await user.run({ args: ["update-index", "--add", "--replace", "-z", "--stdin"], workTree: folder, indexFile, input, env: asGitAdd() });
    const { entries } = await indexEntries(user, indexFile);
    return new Map(
      [...files].map(([path, { content }]) => {
        const { mode, blob } = entries.get(path) as Kept;
        return [path, { mode, blob, raw: hashOf(content, blob.length) }];
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(indexFile, { force: true });
  }
}

/** The machine's own attributes count as well. */
function asGitAdd(): Record<string, string | undefined> {
  return { GIT_ATTR_NOSYSTEM: process.env["GIT_ATTR_NOSYSTEM"] };
}

/** Those whose attributes name a filter: its program would change what is kept, and is not run. */
export async function filteredOf(user: UserGit, headIndex: string, files: Map<string, Content>): Promise<string[]> {
  const plain = new Map([...files].filter(([, { mode }]) => mode !== "120000"));
  if (plain.size === 0) return [];
  const folder = await laidOut(user, plain);
  try {
    const args = ["check-attr", "-z", "--stdin", "filter"];
    const { stdout } = await user.run({ args, workTree: folder, indexFile: headIndex, input: nulSeparated(plain.keys()), env: asGitAdd() });
    const parts = fields(stdout);
    return parts.flatMap((value, i) => (i % 3 === 2 && value !== "unspecified" && value !== "unset" ? [parts[i - 2]!] : []));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function laidOut({ temp, repository: { root } }: UserGit, files: Map<string, Content>): Promise<string> {
  const folder = join(temp, `files-${randomBytes(6).toString("hex")}`);
  for (const path of attributeFiles(files.keys())) {
    if (!(await lstat(join(root, path)).catch(() => undefined))?.isFile()) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(join(root, path), join(folder, path));
  }
  for (const [path, { mode, content }] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeAside(join(folder, path), { mode, content }, undefined);
  }
  return folder;
}

/** Of all folders above these paths. */
function attributeFiles(paths: Iterable<string>): Set<string> {
  const found = new Set([".gitattributes"]);
  for (const path of paths)
    for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) found.add(`${folder}/.gitattributes`);
  return found;
}

/** As git names a content, by the length of the names that it uses here. */
export function hashOf(content: Buffer, length: number): string {
  const kind = length === 64 ? "sha256" : "sha1";
  return createHash(kind).update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** Every byte as it stands. */
export async function writeRaw({ line }: UserGit, content: Buffer): Promise<string> {
  return await line({ args: ["hash-object", "-w", "--no-filters", "--stdin"], input: content });
}

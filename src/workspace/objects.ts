// Commits, the refs that keep them, and single contents, written without git: a process for every one would cost more than
// the rest of a small snapshot. Trees, packs and indexes are git's to write.

import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { deflateSync } from "node:zlib";
import type { Commit } from "../protocol/ids.ts";

const flush = promisify(fsync);

export type CommitText = {
  tree: string;
  parents: Commit[];
  message: string;
  /** Absent: none in particular, so that the same tree with the same past is the same commit. */
  seconds?: number;
};

/** An object of git's store: its name, where it lies below `objects`, and what is in that file. */
export type LooseObject = { hash: string; path: string; bytes: Uint8Array };

export function blobObject(content: Uint8Array): LooseObject {
  return looseObject("blob", content);
}

export function commitObject({ tree, parents, message, seconds = 0 }: CommitText): LooseObject {
  const who = `agent-orchestrator <agent-orchestrator@localhost> ${seconds} +0000`;
  const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${who}`, `committer ${who}`];
  return looseObject("commit", Buffer.from(`${head.join("\n")}\n\n${message.replace(/\n*$/, "\n")}`));
}

function looseObject(type: string, content: Uint8Array): LooseObject {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const hash = createHash("sha1").update(whole).digest("hex");
  return { hash, path: join(hash.slice(0, 2), hash.slice(2)), bytes: deflateSync(whole, { level: 1 }) };
}

/** The files are at their places whole, or not there; `temp` is a folder on the same disk. */
export async function place(temp: string, files: Map<string, Uint8Array | string>, isDurable: boolean): Promise<void> {
  mkdirSync(temp, { recursive: true });
  const halves = [...files].map(([file, content]) => ({ file, content, half: join(temp, `half-${randomBytes(6).toString("hex")}`) }));
  try {
    // Only the disk is waited for: going to another thread for each of these small steps takes longer than they do.
    await Promise.all(halves.map(async ({ half, content }) => await writeHalf(half, content, isDurable)));
    const folders = new Set([...files.keys()].map(dirname));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    // In the order in which they are given: a ref never comes before its commit.
    for (const { half, file } of halves) renameSync(half, file);
    if (isDurable) await Promise.all([...folders].map(flushFolder));
  } finally {
    for (const { half } of halves) rmSync(half, { force: true });
  }
}

async function writeHalf(half: string, content: Uint8Array | string, isDurable: boolean): Promise<void> {
  const opened = openSync(half, "wx", 0o600);
  try {
    writeFileSync(opened, content);
    if (isDurable) await flush(opened);
  } finally {
    closeSync(opened);
  }
}

/**
 * What was renamed into the folder is on the disk. With it goes all that was written out before: git hands its objects to
 * the disk one by one and leaves the flush to this one (`writtenOut` in git.ts).
 */
export async function flushFolder(folder: string): Promise<void> {
  // Windows has no such thing: there a rename is on the disk with the file.
  if (process.platform === "win32") return;
  const opened = openSync(folder, "r");
  try {
    await flush(opened);
  } finally {
    closeSync(opened);
  }
}

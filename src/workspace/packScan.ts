// A pack of snapshots that comes from elsewhere, read before git sees it: whole objects only (no deltas, whose size nobody
// knows beforehand), names that are plain path components, and exactly what the named commits need, no more and no less.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { inflateSync } from "node:zlib";
import type { Commit } from "../protocol/ids.ts";

/** It is not what it should be; the message says what is wrong. */
export class UnsoundPack extends Error {
  override name = "UnsoundPack";
}

type Kind = "commit" | "tree" | "blob";
type Found = { kind: Kind; needs: { hash: string; kind: Kind }[] };

export const largestObject = 256 * 1024 ** 2;
const kinds: Record<number, Kind> = { 1: "commit", 2: "tree", 3: "blob" };
const modes: Record<string, Kind> = { "40000": "tree", "100644": "blob", "100755": "blob", "120000": "blob" };
const headBytes = 12;
const hashBytes = 20;

/** Throws an UnsoundPack. `most`: how many bytes its contents may have together. Answers the name that git gives to the pack. */
export async function scanPack(file: string, commits: Commit[], most: number): Promise<string> {
  const pack = await open(file, "r");
  try {
    const { size } = await pack.stat();
    if (size < headBytes + hashBytes) throw new UnsoundPack("its snapshots are cut off");
    const head = await bytesAt(pack, 0, headBytes);
    if (head.toString("latin1", 0, 4) !== "PACK" || head.readUInt32BE(4) !== 2) throw new UnsoundPack("its snapshots are no pack");
    const objects = await objectsIn(pack, { end: size - hashBytes, count: head.readUInt32BE(8), most });
    sameAsNeeded(objects, commits);
    return (await bytesAt(pack, size - hashBytes, hashBytes)).toString("hex");
  } finally {
    await pack.close();
  }
}

async function objectsIn(
  pack: FileHandle,
  { end, count, most }: { end: number; count: number; most: number },
): Promise<Map<string, Found>> {
  const objects = new Map<string, Found>();
  let at = headBytes;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const head = await bytesAt(pack, at, Math.min(16, end - at));
    const { kind, size, length } = headOf(head);
    sum += size;
    if (size > largestObject || sum > most) throw new UnsoundPack("its snapshots are larger than they may be");
    // What deflate makes of incompressible bytes is little more than those.
    const window = Math.min(end - at - length, size + Math.ceil(size / 1000) + 1024);
    const { content, taken } = inflated(await bytesAt(pack, at + length, window), size);
    const hash = createHash("sha1").update(`${kind} ${size}\0`).update(content).digest("hex");
    if (objects.has(hash)) throw new UnsoundPack(`its snapshots hold ${hash} twice`);
    objects.set(hash, { kind, needs: needsOf(kind, content) });
    at += length + taken;
  }
  if (at !== end) throw new UnsoundPack("its snapshots hold more than they say");
  return objects;
}

async function bytesAt(pack: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await pack.read(Buffer.alloc(Math.max(0, length)), 0, Math.max(0, length), at);
  return buffer.subarray(0, bytesRead);
}

function headOf(bytes: Buffer): { kind: Kind; size: number; length: number } {
  const [first = 0] = bytes;
  const kind = kinds[(first >> 4) & 7];
  if (!kind) throw new UnsoundPack("its snapshots hold something that is no whole commit, tree or file");
  let size = first & 15;
  let length = 1;
  for (let factor = 16, more = first & 128; more; factor *= 128) {
    const next = bytes[length++];
    if (next === undefined || length > 9) throw new UnsoundPack("its snapshots are cut off");
    size += (next & 127) * factor;
    more = next & 128;
  }
  return { kind, size, length };
}

function inflated(bytes: Buffer, size: number): { content: Buffer; taken: number } {
  try {
    const options = { info: true, maxOutputLength: Math.max(1, size) } as const;
    const { buffer, engine } = inflateSync(bytes, options) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length === size) return { content: buffer, taken: engine.bytesWritten };
  } catch {
    // Said below.
  }
  throw new UnsoundPack("its snapshots are damaged");
}

function needsOf(kind: Kind, content: Buffer): Found["needs"] {
  if (kind === "blob") return [];
  return kind === "commit" ? needsOfCommit(content) : needsOfTree(content);
}

function needsOfCommit(content: Buffer): Found["needs"] {
  const head = content.toString("latin1").split("\n\n")[0] ?? "";
  const found = head.split("\n").flatMap((line) => {
    const [, what, hash] = /^(tree|parent) ([0-9a-f]{40})$/.exec(line) ?? [];
    return hash === undefined ? [] : [{ hash, kind: what === "tree" ? ("tree" as const) : ("commit" as const) }];
  });
  if (found.filter(({ kind }) => kind === "tree").length !== 1) throw new UnsoundPack("a commit of its snapshots is damaged");
  return found;
}

function needsOfTree(content: Buffer): Found["needs"] {
  const needs: Found["needs"] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    const kind = modes[content.toString("latin1", at, space)];
    const name = content.toString("utf8", space + 1, end);
    if (space < 0 || end < 0 || end + hashBytes >= content.length + 1 || !kind)
      throw new UnsoundPack("a folder of its snapshots is damaged");
    if (!isPlain(name)) throw new UnsoundPack(`its snapshots hold a file named ${JSON.stringify(name)}`);
    needs.push({ hash: content.toString("hex", end + 1, end + 1 + hashBytes), kind });
    at = end + 1 + hashBytes;
  }
  return needs;
}

/** One component of a path that leads nowhere else on any system. */
function isPlain(name: string): boolean {
  const separators = process.platform === "win32" ? /[/\\\0:]/ : /[/\0]/;
  return name !== "" && name !== "." && name !== ".." && !separators.test(name) && name.toLowerCase() !== ".git";
}

function sameAsNeeded(objects: Map<string, Found>, commits: Commit[]): void {
  const seen = new Set<string>();
  const open: Found["needs"] = commits.map((hash) => ({ hash, kind: "commit" }));
  for (let next = open.pop(); next; next = open.pop()) {
    const found = objects.get(next.hash);
    if (found?.kind !== next.kind) throw new UnsoundPack(`its snapshots lack the ${next.kind} ${next.hash}`);
    if (seen.has(next.hash)) continue;
    seen.add(next.hash);
    open.push(...found.needs);
  }
  if (seen.size < objects.size)
    throw new UnsoundPack(`its snapshots hold ${objects.size - seen.size} objects that no snapshot of the session needs`);
}

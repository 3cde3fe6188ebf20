// Reads and replaces whole files below a root, without following a link that was swapped in after the judgement.
// Owns encoding and atomic replacement; where a path may lead is places.ts.

import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFile, readFileSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";
import { chmod, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { CallScope } from "../core/ports.ts";
import { codeOf, isGitInternal, isInside, isMissing, locate, locateEntry } from "./places.ts";
import type { Place } from "./places.ts";
import { failed } from "./toolDefinition.ts";
import type { Failed } from "./toolDefinition.ts";

export const maximumFileBytes = 8 * 1024 * 1024;

type Found = { ok: true; place: Place };

export function findPlace(scope: Pick<CallScope, "root">, path: string): Found | Failed {
  if (path.includes("\0")) return failed("invalid_arguments", "The path contains a null character.");
  return placeIn(scope.root, path, locate);
}

export function findWritablePlace(scope: Pick<CallScope, "root" | "writable">, path: string, options?: { entry: boolean }): Found | Failed {
  if (!scope.writable) return failed("not_writable", "This task may only read. Report what should change in your result instead.");
  if (path.includes("\0")) return failed("invalid_arguments", "The path contains a null character.");
  const found = placeIn(scope.root, path, options?.entry ? locateEntry : locate);
  if (!found.ok) return found;
  const { place } = found;
  if (isGitInternal(place.relative)) return failed("protected", `${path} belongs to git's own data; it is not written by file tools.`);
  return found;
}

function placeIn(root: string, path: string, judge: typeof locate): Found | Failed {
  try {
    const location = judge(root, path);
    return location.ok ? location : outside(path);
  } catch (error) {
    if (isMissing(error)) return failed("not_found", "The task's folder no longer exists.");
    throw error;
  }
}

function outside(path: string): Failed {
  return failed("outside", `${path} leads outside the task's folder. Use a path inside it, relative to its top.`);
}

export async function readBytes(place: Place): Promise<{ ok: true; bytes: Buffer; mode: number } | Failed> {
  let file: number | undefined;
  try {
    file = openSync(place.real, constants.O_RDONLY | noFollow | nonBlocking);
    const stats = fstatSync(file);
    if (stats.isDirectory()) return failed("not_a_file", `${place.relative} is a folder. Use list_directory for it.`);
    if (!stats.isFile()) return failed("not_a_file", `${place.relative} is not a regular file.`);
    if (!isStillInside(file, place.root)) return outside(place.relative);
    if (stats.size > maximumFileBytes) return tooLarge(place, stats.size);
    // Only what would hold up everything else is worth a trip to the thread pool.
    const bytes = stats.size <= smallFileBytes ? readFileSync(file) : await readWhole(file);
    return { ok: true, bytes, mode: stats.mode };
  } catch (error) {
    return describeFileError(error, place.relative);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const smallFileBytes = 256 * 1024;
const readWhole = promisify<number, Buffer>(readFile);

export async function readText(place: Place): Promise<{ ok: true; text: string; mode: number } | Failed> {
  const read = await readBytes(place);
  if (!read.ok) return read;
  const text = decode(read.bytes);
  if (text === undefined)
    return failed("binary", `${place.relative} is a binary file of ${read.bytes.length.toLocaleString("en-US")} bytes; it is not shown.`);
  return { ok: true, text, mode: read.mode };
}

/** Text in UTF-8; anything that would not come back the same when written is binary. */
export function decode(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Replaces a file at once: a reader sees the old or the new content, never a part. Creates missing folders. */
export async function replaceFile(place: Place, content: string): Promise<{ ok: true; created: boolean } | Failed> {
  const temporary = join(dirname(place.real), `.${basename(place.real).slice(0, 40)}.${randomBytes(6).toString("hex")}.tmp`);
  let placed = false;
  try {
    const before = await describe(place.real);
    if (before && !before.isFile())
      return failed("not_a_file", `${place.relative} is ${before.isDirectory() ? "a folder" : "not a regular file"}.`);
    await mkdir(dirname(place.real), { recursive: true });
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow, 0o666);
    placed = true;
    try {
      if (!isStillInside(handle.fd, place.root)) return outside(place.relative);
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    if (before) await chmod(temporary, before.mode & 0o7777);
    await rename(temporary, place.real);
    placed = false;
    return { ok: true, created: !before };
  } catch (error) {
    return describeFileError(error, place.relative);
  } finally {
    if (placed) await unlink(temporary).catch(() => undefined);
  }
}

const noFollow = constants.O_NOFOLLOW ?? 0;
/** Opening a pipe or device must not wait for its other end. */
const nonBlocking = constants.O_NONBLOCK ?? 0;

async function describe(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether what was opened lies where it was judged to: a folder on the way may have become a link meanwhile. */
function isStillInside(file: number, root: string): boolean {
  return process.platform !== "linux" || isInside(root, readlinkSync(`/proc/self/fd/${file}`));
}

function tooLarge(place: Place, bytes: number): Failed {
  const size = `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return failed(
    "too_large",
    `${place.relative} has ${size}, more than file tools take. Use search_text, or a shell command that shows a part.`,
  );
}

export function describeFileError(error: unknown, path: string): Failed {
  const code = codeOf(error);
  if (code === "ENOENT") return failed("not_found", `${path} does not exist.`);
  if (code === "ENOTDIR") return failed("not_found", `${path} does not exist: a part of the path is a file.`);
  if (code === "EEXIST") return failed("not_a_directory", `${path} cannot be created: a part of the path is a file.`);
  if (code === "EISDIR") return failed("not_a_file", `${path} is a folder.`);
  if (code === "ELOOP") return failed("outside", `${path} is a link that cannot be followed safely.`);
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") return failed("denied", `The system does not permit access to ${path}.`);
  if (code === "ENAMETOOLONG") return failed("invalid_arguments", "The path is too long.");
  if (code === "ENOSPC") return failed("disk_full", `There is no space left to write ${path}.`);
  if (code === "ENXIO") return failed("not_a_file", `${path} is not a regular file.`);
  throw error;
}

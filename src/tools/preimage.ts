// What is at some places now, as one hash: an approval that was given for it holds for nothing else. Bounded, so that
// judging a call stays cheap: of a large file the beginning counts, its size and when it was changed.

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { isMissing } from "./places.ts";
import type { Location } from "./places.ts";

const maximumBytes = 5 * 1024 * 1024;

/** "absent" where a single place holds nothing; undefined where it cannot be told. */
export function preimageOf(locations: Location[]): string | undefined {
  const places = new Map(locations.map((location) => [location.ok ? location.place.real : location.real, location]));
  const states = [...places.keys()].map((path) => [path, stateOf(path)] as const);
  if (states.some(([, state]) => state === undefined)) return undefined;
  const [only, ...more] = states;
  return more.length === 0 ? only?.[1] : hashOf(JSON.stringify(states));
}

function stateOf(path: string): string | undefined {
  try {
    const entry = lstatSync(path);
    if (entry.isSymbolicLink()) return hashOf(`link ${readlinkSync(path)}`);
    if (entry.isDirectory()) return hashOf(`folder ${JSON.stringify(readdirSync(path).sort())}`);
    return entry.isFile() ? hashOfFile(path) : undefined;
  } catch (error) {
    return isMissing(error) ? "absent" : undefined;
  }
}

function hashOfFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const { size, mtimeMs } = fstatSync(file);
    const bytes = Buffer.allocUnsafe(Math.min(size, maximumBytes));
    let read = 0;
    for (let more = -1; more !== 0 && read < bytes.length; read += more) more = readSync(file, bytes, read, bytes.length - read, read);
    const kept = bytes.subarray(0, read);
    return size > maximumBytes ? hashOf(kept, `${size} ${mtimeMs}`) : hashOf(kept);
  } finally {
    closeSync(file);
  }
}

function hashOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return `sha256:${hash.digest("hex")}`;
}

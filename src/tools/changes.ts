// Several files written as one: all of them, or none.

import { unlink } from "node:fs/promises";
import { describeFileError, replaceFile } from "./files.ts";
import type { Place } from "./places.ts";
import type { Failed } from "./toolDefinition.ts";

/** A file's text before and after; undefined where there is no file. */
export type Change = { place: Place; before: string | undefined; after: string | undefined };

/** A fault takes back what was written before it. */
export async function writeAll(changes: Change[]): Promise<Failed | undefined> {
  const written: Change[] = [];
  for (const change of changes) {
    const fault = await write(change.place, change.after);
    if (!fault) {
      written.push(change);
      continue;
    }
    for (const earlier of written.reverse()) await write(earlier.place, earlier.before);
    return fault;
  }
  return undefined;
}

async function write(place: Place, text: string | undefined): Promise<Failed | undefined> {
  if (text === undefined) {
    try {
      await unlink(place.real);
      return undefined;
    } catch (error) {
      return describeFileError(error, place.relative);
    }
  }
  const written = await replaceFile(place, text);
  return written.ok ? undefined : written;
}

// What of a proposed result is still to be decided, file by file.

import type { FileChange } from "../protocol/events.ts";
import type { LandingState } from "../protocol/state.ts";

/** `hunks` tells how many the change of a file has; where it is not known, a file with decided hunks counts as open. */
export function openFiles({ files, parts = [] }: LandingState, hunks: ReadonlyMap<string, number> = new Map()): FileChange[] {
  return files.filter(({ path }) => {
    const own = parts.filter((part) => part.path === path);
    const decided = new Set(own.flatMap((part) => part.hunks ?? []));
    return !own.some((part) => !part.hunks) && decided.size < (hunks.get(path) ?? Infinity);
  });
}

// The ways between two states of the user's files, the files on them, and what comes of going them. What the session changed there is looked at even
// where ignore rules hide it.

import type { Commit } from "../protocol/ids.ts";
import { landedAt } from "../protocol/landed.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Ports } from "./ports.ts";

export type Way = { from: Commit; to: Commit };

/** Steps that follow on each other are one. */
export function joinedWays(ways: Way[]): Way[] {
  return ways.reduce<Way[]>((joined, way) => {
    const last = joined.at(-1);
    return last?.to === way.from ? [...joined.slice(0, -1), { from: last.from, to: way.to }] : [...joined, way];
  }, []);
}

export async function pathsIn({ workspace: port }: Pick<Ports, "workspace">, state: SessionState, ways: Way[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const { from, to } of joinedWays(ways))
    for (const { path } of (await port.diff(state.id, state.workspace, from, to)).files) paths.add(path);
  return [...paths];
}

/** Of all that the user's files hold of the session. */
export async function landedPaths(ports: Pick<Ports, "workspace">, state: SessionState): Promise<string[]> {
  const ways = landedAt(state, state.seq).map(({ base, commit }): Way => ({ from: base, to: commit }));
  return pathsIn(ports, state, ways);
}

/** What these ways make of `start`, in the shadow repository alone; with conflicts nothing. */
export async function workOut(
  { workspace: port }: Pick<Ports, "workspace">,
  { id, workspace }: SessionState,
  start: Commit,
  ways: Way[],
): Promise<{ commit: Commit; conflicts: string[] }> {
  let commit = start;
  for (const { from, to } of ways) {
    const merged = await port.merge(id, workspace, from, commit, to, "Taken back, or put back");
    if (merged.conflicts.length > 0) return { commit: start, conflicts: merged.conflicts };
    commit = merged.commit;
  }
  return { commit, conflicts: [] };
}

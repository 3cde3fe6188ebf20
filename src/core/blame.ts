// From the lines of a file in the user's workspace to the landings that brought them. Every session of the workspace is
// asked: what it took into the files, and has not taken back, is compared with what the file is now. What is said of each
// line comes from the record (lineStory.ts), and nothing here writes.

import type { Commit } from "../protocol/ids.ts";
import type { FileChange } from "../protocol/events.ts";
import { landedAt } from "../protocol/landed.ts";
import { followLines, linesOf } from "./lineMatch.ts";
import { type LineStory, storiesOf } from "./lineStory.ts";
import { attribute, type BlamePorts, type Landing, textAt, type Version } from "./lineVersions.ts";
import { loadState } from "./sessionLog.ts";

/** `changed`: the line was edited since; `path`: where it was written, if that is another file. */
export type LineOrigin = LineStory & { changed: boolean; path?: string };

export type BlamedFile = {
  workspace: string;
  /** Within the workspace. */ path: string;
  text: string;
  /** Whether there is a file at another path of the workspace: what is there was not moved here. */
  exists(path: string): boolean;
};

type Change = Version & { landing: Landing; path: string };

/** For each line who wrote it; undefined: nobody of a session's team. */
export async function blame(ports: BlamePorts, file: BlamedFile): Promise<(LineOrigin | undefined)[]> {
  const lines = linesOf(file.text);
  const changes: Change[] = [];
  for (const landing of await landingsIn(ports, file.workspace)) {
    const change = await changeTo(ports, file, landing, lines);
    if (change) changes.push(change);
  }
  const attributed = attribute(lines, changes);
  const origins: (LineOrigin | undefined)[] = lines.map(() => undefined);
  for (const [i, { landing, path, after }] of changes.entries()) {
    const own = [...attributed.entries()].flatMap(([line, one]) => (one?.version === i ? [{ line, ...one }] : []));
    if (own.length === 0) continue;
    const stories = await storiesOf(ports, landing, { path, after, wanted: new Set(own.map(({ from }) => from)) });
    for (const { line, from, changed } of own) {
      const story = stories.get(from);
      if (story) origins[line] = { ...story, changed, ...(path === file.path ? {} : { path }) };
    }
  }
  return origins;
}

/** What is in the user's files of each session's work, the newest first. A fork's record begins with its source's landings. */
async function landingsIn({ store }: BlamePorts, workspace: string): Promise<Landing[]> {
  const rows = (await store.listSessions({ workspace })).toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const found = new Map<string, Landing>();
  for (const { id } of rows) {
    const state = await loadState({ store }, id);
    if (!state?.landed) continue;
    const present = new Set(landedAt(state, state.seq).map(keyOf));
    for (const one of state.landed) {
      if ("to" in one || one.undoes || !present.has(keyOf(one)) || found.has(keyOf(one))) continue;
      const [event] = await store.read(id, { after: one.seq - 1, limit: 1 });
      if (event) found.set(keyOf(one), { state, event, base: one.base, commit: one.commit });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.event.timestamp < b.event.timestamp ? 1 : -1));
}

function keyOf({ base, commit }: { base: Commit; commit: Commit }): string {
  return `${base} ${commit}`;
}

async function changeTo(ports: BlamePorts, file: BlamedFile, landing: Landing, lines: string[]): Promise<Change | undefined> {
  const { state, base, commit } = landing;
  const { files } = await ports.workspace.diff(state.id, state.workspace, base, commit);
  const own = files.find(({ path, kind }) => path === file.path && kind !== "deleted");
  if (own) return { landing, path: file.path, ...(await versionOf(ports, landing, own, files)) };
  // Lines that stand here now may have been written where no file is any more.
  let best: (Change & { share: number }) | undefined;
  for (const gone of files.filter(({ path, kind }) => kind !== "deleted" && !file.exists(path))) {
    const version = await versionOf(ports, landing, gone, files);
    const share = shareOf(version.after, lines);
    if (share >= leastShare && share > (best?.share ?? 0)) best = { landing, path: gone.path, share, ...version };
  }
  return best;
}

/** A file is held for another one that was moved while this share of its lines is there. */
const leastShare = 0.5;

function shareOf(before: string[], after: string[]): number {
  const kept = followLines(before, after).filter((match) => match && !match.changed).length;
  return kept / Math.max(1, before.length);
}

/** A file that appears where another one goes is that one, if it has its lines. */
async function versionOf(ports: BlamePorts, { state, base, commit }: Landing, change: FileChange, files: FileChange[]): Promise<Version> {
  const read = async (at: Commit, path: string): Promise<string[]> => textAt(ports, state.workspace, at, path);
  const after = await read(commit, change.path);
  if (change.kind !== "added") return { before: await read(base, change.path), after };
  const gone = await Promise.all(files.filter(({ kind }) => kind === "deleted").map(async ({ path }) => await read(base, path)));
  const [source = []] = gone.filter((lines) => shareOf(lines, after) >= leastShare);
  return { before: source, after };
}

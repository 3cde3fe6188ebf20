// What the search for a line's origin works on: the landings of sessions, and one file as each change found and left it.

import type { TraceEvent } from "../protocol/events.ts";
import type { Commit } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import { decodeUtf8 } from "./context.ts";
import { followLines, linesOf, newLines } from "./lineMatch.ts";
import type { StorePort } from "./ports.ts";
import type { WorkspacePort } from "./workspacePort.ts";

export type BlamePorts = { store: StorePort; workspace: Pick<WorkspacePort, "diff" | "fileAt" | "treeOf"> };

export type Landing = { state: SessionState; event: TraceEvent; base: Commit; commit: Commit };

/** One file as a change found it and left it. */
export type Version = { before: string[]; after: string[] };
/** `from`: the line in what that version left. */
type Attributed = { version: number; from: number; changed: boolean };

/** The newest version that brought a line is named first; one that holds it as it is, before one that held it otherwise. */
export function attribute(lines: string[], versions: Version[]): (Attributed | undefined)[] {
  const found: (Attributed | undefined)[] = lines.map(() => undefined);
  const each = versions.map(({ before, after }, version) => ({
    version,
    own: newLines(before, after),
    matches: followLines(after, lines),
  }));
  for (const changed of [false, true])
    for (const { version, own, matches } of each)
      for (const [line, match] of matches.entries())
        if (match?.changed === changed && own.has(match.from)) found[line] ??= { version, ...match };
  return found;
}

export async function textAt({ workspace }: BlamePorts, folder: string, commit: Commit, path: string): Promise<string[]> {
  return linesOf(decodeUtf8((await workspace.fileAt(folder, commit, path)) ?? new Uint8Array()));
}

// What is proposed, file by file and hunk by hunk: which parts were kept or undone, which are still the person's to decide,
// and where their own edits are in the way. All of it follows from the record.

import type { ChangePart } from "../../src/protocol/events.ts";
import type { LandingState } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import type { Followed } from "./follow.ts";

export type Decision = "applied" | "discarded";
export type FileDecision = Decision | "mixed" | "partly" | undefined;

/** Takes these parts, or drops them; the rest stays proposed. */
export async function decideParts(store: PanelStore, keep: boolean, only: ChangePart[]): Promise<void> {
  const { session } = store;
  if (session) await store.command({ type: keep ? "changes.apply" : "changes.discard", sessionId: session.id, by: "user", only });
}

/** Nothing is written: what the file holds now counts as taken. */
export async function joinedByHand(store: PanelStore, path: string): Promise<void> {
  const { session } = store;
  if (session) await store.command({ type: "changes.apply", sessionId: session.id, by: "user", only: [{ path }], joined: true });
}

export function hunkDecision(landing: LandingState, path: string, hunk: number): Decision | undefined {
  const parts = landing.parts?.filter((part) => part.path === path);
  const own = parts?.find(({ hunks }) => !hunks || hunks.includes(hunk));
  return own?.decision ?? settled(landing);
}

/** How many hunks there are is known once the difference was looked at. */
export function fileDecision(landing: LandingState, path: string, hunks?: number): FileDecision {
  const parts = landing.parts?.filter((part) => part.path === path) ?? [];
  const whole = parts.find((part) => !part.hunks)?.decision;
  if (whole) return whole;
  if (parts.length === 0) return settled(landing);
  const count = parts.reduce((sum, part) => sum + (part.hunks?.length ?? 0), 0);
  const rest = settled(landing);
  if (rest === undefined && count !== hunks) return "partly";
  const made = new Set([...parts.map(({ decision }) => decision), ...(rest && count !== hunks ? [rest] : [])]);
  return made.size > 1 ? "mixed" : [...made][0];
}

export function openFiles(landing: LandingState): LandingState["files"] {
  return landing.files.filter(({ path }) => {
    const decision = fileDecision(landing, path);
    return decision === undefined || decision === "partly";
  });
}

function settled({ decision }: LandingState): Decision | undefined {
  return decision === "conflict" ? undefined : decision;
}

/** Files that could not be kept, because the person changed the same places, and that are not decided since. */
export function clashing({ chat }: Followed, landing: LandingState): string[] {
  const since = chat.items.findLastIndex(({ kind }) => kind === "prompt") + 1;
  const found = new Set(chat.items.slice(since).flatMap((item) => (item.kind === "landing" ? item.conflicts : [])));
  return openFiles(landing).flatMap(({ path }) => (found.has(path) ? [path] : []));
}

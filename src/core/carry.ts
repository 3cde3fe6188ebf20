// What is still proposed when a session goes on with a new prompt: the next run begins with it, on top of the user's files
// as they are then, and proposes it again together with its own work. Nothing that a person has not refused gets lost.

import type { EventDraft } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { checkpoint } from "./checkpoints.ts";
import { isOpen } from "./landingEnd.ts";
import { notRefused } from "./landingParts.ts";
import { pathsIn } from "./landedPaths.ts";
import { type Run, stateOf } from "./run.ts";

/** What can be done about a result that no longer fits. */
function waysOut(id: SessionId): string {
  return `join them by hand and say so (ao apply ${id} FILE… --joined), have an agent join them (ao apply ${id} --join), or discard them (ao discard ${id})`;
}

/** What a run begins with, for the record; or why it cannot. */
export type Beginning = (run: Run, prompt: string) => Promise<Result<EventDraft[]>>;

export async function carriedWork(run: Run, prompt: string): Promise<Result<EventDraft[]>> {
  const { landing, id, workspace } = stateOf(run);
  if (!isOpen(landing) || landing.base === undefined) return ok([]);
  const { workspace: port } = run.ports;
  const { base, taken = base } = landing;
  const kept = await notRefused(run.ports, stateOf(run), { ...landing, base });
  if (!kept.ok) return kept;
  const snapshot = await port.snapshot(id, workspace, await pathsIn(run.ports, stateOf(run), [{ from: base, to: kept.value }]));
  if (!snapshot.ok) return snapshot;
  const { commit, left } = snapshot.value;
  const merged = await port.merge(id, workspace, taken, commit, kept.value, "What is still proposed");
  if (merged.conflicts.length > 0) {
    const files = merged.conflicts.join(", ");
    return fail("conflict", `The changes that wait for you do not fit your files any more (${files}): ${waysOut(id)}.`);
  }
  const opened = { base: commit, head: merged.commit, ...(left.length > 0 ? { left } : {}) };
  return ok([{ type: "workspace.opened", actor: "orchestrator", payload: opened }, checkpoint(run.ports, "before", prompt, commit)]);
}

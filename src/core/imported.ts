// Sessions that came in a file: what may be done with them here.

import type { EventDraft } from "../protocol/events.ts";
import { fail } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";

/** What was allowed elsewhere is not allowed here. */
export function importMarks(value: NonNullable<SessionState["imported"]>): EventDraft[] {
  const config = { level: "default", apply: false, yesTo: [] };
  return [
    { type: "state.changed", actor: "user", payload: { key: "imported", value } },
    { type: "state.changed", actor: "user", payload: { key: "config", value: config } },
  ];
}

/** Where it was brought without a folder, the path in its record is another machine's. */
export function refusedElsewhere({ id, imported }: SessionState): ReturnType<typeof fail> | undefined {
  if (!imported || imported.canRun) return undefined;
  const message = `Session ${id} was imported to be read; to go on with it, import its file again with --workspace DIR.`;
  return fail("no_workspace", message);
}

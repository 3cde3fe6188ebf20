// A program may end in the middle of a landing or of a way back. Whichever program opens the record next takes back what was
// written and never recorded, so that nobody finds the files half changed (A10); where one is just at work, it is left.

import { settleLandings } from "../core/landingWrite.ts";
import type { StorePort } from "../core/ports.ts";
import { loadState } from "../core/sessionLog.ts";
import type { SessionId } from "../protocol/ids.ts";
import { createWorkspace } from "../workspace/workspace.ts";

/** Answers whose were settled. What cannot be taken back stays for the session's own commands, which say so. */
export async function settleCutLandings(dataDir: string, store: StorePort, sessions: SessionId[]): Promise<SessionId[]> {
  const workspace = createWorkspace({ dataDir });
  const settled: SessionId[] = [];
  for (const sessionId of sessions) {
    try {
      if (!(await store.takeLease(sessionId)).taken) continue;
      const state = await loadState({ store }, sessionId);
      if (state && (await settleLandings({ workspace }, state)).ok) settled.push(sessionId);
      await store.dropLease(sessionId);
    } catch {
      // A record that cannot be read says nothing of what was recorded.
    }
  }
  return settled;
}

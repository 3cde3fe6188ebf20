// A program may end in the middle of a landing or of a way back. Whichever program starts next takes back what was written
// and never recorded, so that nobody finds the files half changed (A10); a session that lives elsewhere sees to its own.

import { settleLandings } from "../core/landingWrite.ts";
import type { Ports } from "../core/ports.ts";
import { loadState } from "../core/sessionLog.ts";
import { cutLandings } from "../workspace/cutLandings.ts";

/** What cannot be taken back stays for the session's own commands, which say so. */
export async function settleCutLandings(dataDir: string, ports: Pick<Ports, "store" | "workspace">): Promise<void> {
  for (const sessionId of cutLandings(dataDir)) {
    const lease = await ports.store.takeLease(sessionId);
    if (!lease.taken) continue;
    try {
      const state = await loadState(ports, sessionId);
      if (state) await settleLandings(ports, state);
    } catch {
      // A record that cannot be read says nothing of what was recorded.
    } finally {
      await ports.store.dropLease(sessionId).catch(() => undefined);
    }
  }
}

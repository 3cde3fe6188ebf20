// When the data folder is tidied: once a day, by whichever program is there, beside its work. A program that is soon at its
// end does not begin with it.

import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StorePort } from "../core/ports.ts";
import { snapshotBytes, tidy, tidyLimits } from "../workspace/tidying.ts";

export { snapshotBytes, tidyLimits };

const firstMs = 5_000;
const lookMs = 10 * 60_000;
const everyMs = 24 * 3_600_000;

/** What keeps it from being done is no fault of the user's work: it is tried again later. Answers what ends it. */
export function keepTidy(dataDir: string, store: Pick<StorePort, "listSessions">, beginMs = firstMs): () => void {
  let ended = false;
  const stamp = join(dataDir, "tidied");
  const sessions = async (): Promise<string[]> => (await store.listSessions({ limit: Number.MAX_SAFE_INTEGER })).map(({ id }) => id);
  const look = async (): Promise<void> => {
    if (Date.now() - (statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0) < everyMs) return;
    // A record that is new or was lost says nothing of what is there.
    if ((await store.listSessions({ limit: 1 })).length === 0) return;
    const { busy } = await tidy(dataDir, sessions, tidyLimits);
    if (busy.length === 0) await writeFile(stamp, "");
  };
  let timer = setTimeout(again, beginMs).unref();
  function again(): void {
    void look()
      .catch(() => undefined)
      .finally(() => {
        if (!ended) timer = setTimeout(again, lookMs).unref();
      });
  }
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}

// Many sessions, and one long one: what interfaces ask all the time takes no longer than with few. Both stores are asked in
// turn, so that a busy machine slows both; what grew with the record would be a hundred times slower.

import assert from "node:assert/strict";
import { join } from "node:path";
import type { StorePort } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { created, said } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const most = 8;

describe("store: many sessions, long sessions", function () {
  this.timeout(120_000);
  let folder: TempDir;
  let few: StorePort;
  let many: StorePort;

  /** `sessions` sessions of two events, the first of which goes on to `events`. */
  async function filled(name: string, sessions: number, events: number): Promise<StorePort> {
    const store = await openSqliteStore({ file: join(folder.path, name, "store.db") });
    const ids = Array.from({ length: sessions }, (_, i) => `s_${i}`);
    await Promise.all(ids.map((id, i) => store.append(id, [created(id, `name ${i}`, `/w/${i % 3}`), said(id, 2, "said")])));
    for (let seq = 3; seq <= events; seq += 1_000)
      await store.append(
        "s_0",
        Array.from({ length: Math.min(1_000, events - seq + 1) }, (_, i) => said("s_0", seq + i, "x".repeat(100))),
      );
    return store;
  }

  before(async () => {
    folder = makeTempDir("many");
    few = await filled("few", 100, 1_000);
    many = await filled("many", 10_000, 100_000);
  });
  after(async () => {
    await Promise.all([few?.close(), many?.close()]);
    folder?.remove();
  });

  const asked: Record<string, (store: StorePort) => Promise<unknown>> = {
    "the newest sessions": (store) => store.listSessions({ limit: 21 }),
    "the newest of a folder": (store) => store.listSessions({ workspace: "/w/1", limit: 21 }),
    "one by its name": (store) => store.findSession("name 50"),
    "the long one": (store) => store.findSession("s_0"),
    "what waits": (store) => store.listPending(),
    "the long one's newest events": async (store) => await store.read("s_0", { after: (store === few ? 1_000 : 100_000) - 20 }),
    "a page of its events": (store) => store.read("s_0", { after: 500, limit: 100 }),
  };

  for (const [what, ask] of Object.entries(asked))
    it(what, async () => {
      const took = { few: [] as number[], many: [] as number[] };
      for (let round = 0; round < 40; round++)
        for (const [side, store] of [["few", few] as const, ["many", many] as const]) {
          const began = performance.now();
          await ask(store);
          took[side].push(performance.now() - began);
        }
      const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length / 2]!;
      const ratio = median(took.many) / median(took.few);
      assert.ok(ratio < most, `${ratio.toFixed(1)} times as long`);
    });
});

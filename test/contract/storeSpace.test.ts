// The store gives space back: what no session names any more goes when the last program ends, and the log stays small.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { created, said } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const mib = 1024 ** 2;

describe("store: space", () => {
  let folder: TempDir;
  let file: string;
  beforeEach(() => {
    folder = makeTempDir("space");
    file = join(folder.path, "store.db");
  });
  afterEach(() => folder.remove());

  it("what only a removed session named goes, the rest stays, and the file shrinks; while another has it open it waits", async () => {
    const [store, other] = await Promise.all([openSqliteStore({ file }), openSqliteStore({ file })]);
    const contents = ["theirs", "shared", "ours", "left"].map((name) => `${name} `.repeat(300_000));
    const [theirs, shared, ours, left] = await Promise.all(contents.map(async (text) => (await store.putArtifact(text)).hash));
    await store.append("s_1", [created("s_1"), said("s_1", 2, `names ${theirs} and ${shared}`)]);
    await store.append("s_2", [created("s_2"), said("s_2", 2, `names ${shared}`)]);
    await store.post("s_2", JSON.stringify({ images: [ours] }));
    assert.equal(await store.deleteSession("s_1"), true);
    await store.close();
    const there = async (): Promise<boolean[]> =>
      await Promise.all([theirs, shared, ours, left].map(async (hash) => (await other.getArtifact(hash!)) !== undefined));
    assert.deepEqual(await there(), [true, true, true, true], "another has it open, and may be about to name them");
    await other.close();
    const after = await openSqliteStore({ file });
    const still = await Promise.all([theirs, shared, ours, left].map(async (hash) => (await after.getArtifact(hash!)) !== undefined));
    assert.deepEqual(still, [false, true, true, false]);
    assert.ok(!existsSync(`${file}.unswept`));
    await after.close();
    const size = contents[1]!.length + contents[2]!.length;
    assert.ok(statSync(file).size < size + mib, `${statSync(file).size} bytes for ${size}`);
  });

  it("the log gives back what one large commit took", async () => {
    const store = await openSqliteStore({ file });
    await store.append("s", [created("s")]);
    await store.putArtifact("x".repeat(40 * mib));
    assert.ok(statSync(`${file}-wal`).size > 40 * mib);
    for (let seq = 2; seq < 5; seq++) await store.append("s", [said("s", seq, "on")]);
    assert.ok(statSync(`${file}-wal`).size < 17 * mib);
    await store.close();
  });
});

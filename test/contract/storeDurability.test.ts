// What only a store on disk can promise: it survives kills, other writers, foreign files and its own thread's end (A3).

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { StoreConflict } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { anEvent, created, fact, said, timeOf } from "../support/storeEvents.ts";
import { smallDisk } from "../support/smallDisk.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const writer = fileURLToPath(new URL("../support/storeWriter.ts", import.meta.url));

describe("store: on disk", () => {
  let folder: TempDir;
  let file: string;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = makeTempDir("disk");
    file = join(folder.path, "deeper", "store.db");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    folder.remove();
  });

  const write = (id: string, count = 0): ChildProcess => {
    const child = spawn(process.execPath, [writer, file, id, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    return child;
  };

  it("keeps every acknowledged event of a writer that was killed", async () => {
    for (const [id, kill] of [
      ["s_1", 11],
      ["s_2", 40],
    ] as const) {
      const child = write(id);
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout! })) {
        acknowledged = Number(line);
        if (acknowledged >= kill) child.kill("SIGKILL");
      }
      const store = await openSqliteStore({ file });
      const seqs = (await store.read(id)).map((event) => event.seq);
      assert.ok(acknowledged >= kill && seqs.length >= acknowledged, `${seqs.length} of ${acknowledged} events`);
      assert.deepEqual(
        seqs,
        seqs.map((_, i) => i + 1),
      );
      const facts = await store.queryFacts(id, { text: "fact", now: timeOf(0) });
      assert.equal(facts.length, (seqs.length - 1) / 2, "what is derived from an event is there with it");
      await store.close();
    }
  });

  it("an idle store lets its program end; a call under way does not get lost", async () => {
    const child = write("s_1", 9);
    child.stdout!.resume();
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
    const store = await openSqliteStore({ file });
    assert.equal((await store.read("s_1")).length, 9);
    await store.close();
  });

  it("two programs on one session: the second to write is told, and sees the first one's events", async () => {
    const [one, two] = await Promise.all([openSqliteStore({ file }), openSqliteStore({ file })]);
    await one.append("s", [created("s")]);
    const both = await Promise.allSettled([one.append("s", [said("s", 2, "one")]), two.append("s", [said("s", 2, "two")])]);
    const refused = both.filter((outcome) => outcome.status === "rejected");
    assert.equal(refused.length, 1);
    assert.ok(refused[0]!.reason instanceof StoreConflict);
    assert.deepEqual(await two.read("s"), await one.read("s"));
    assert.equal((await one.read("s")).length, 2);
    await Promise.all([one.close(), two.close()]);
  });

  it("keeps nothing of an append that fails half-way, and all of its neighbours", async () => {
    const store = await openSqliteStore({ file });
    const wrong = fact("s_2", 2, "cannot be stored");
    (wrong.payload as { confidence: unknown }).confidence = {};
    const asked = [
      store.append("s_1", [created("s_1")]),
      store.append("s_2", [created("s_2"), wrong]),
      store.append("s_3", [created("s_3")]),
    ];
    const outcomes = await Promise.allSettled(asked);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    await assert.rejects(store.append("s_2", [created("s_2"), wrong]), { name: "StoreFailure", code: "failed" });
    assert.deepEqual(await store.read("s_2"), []);
    assert.deepEqual(
      (await store.listSessions()).map(({ id }) => id),
      ["s_3", "s_1"],
    );
    await store.close();
  });

  it("many programs may open a new folder at once", async () => {
    const writing = ["s_1", "s_2", "s_3"].map((id) => write(id, 5));
    const codes = await Promise.all(
      writing.map(async (child) => {
        child.stdout!.resume();
        return ((await once(child, "exit")) as [number])[0];
      }),
    );
    assert.deepEqual(codes, [0, 0, 0]);
    const store = await openSqliteStore({ file });
    assert.equal((await store.listSessions()).length, 3);
    await store.close();
  });

  it("refuses the database of a newer version whose tables it cannot read, and leaves it as it is", async () => {
    await (await openSqliteStore({ file })).close();
    const changed = new DatabaseSync(file);
    changed.exec("ALTER TABLE sessions RENAME COLUMN goal TO aim");
    changed.close();
    for (const mode of ["WAL", "DELETE"]) {
      const db = new DatabaseSync(file);
      db.exec(`PRAGMA journal_mode = ${mode}; PRAGMA user_version = 1000`);
      db.close();
      const before = readFileSync(file);
      await assert.rejects(openSqliteStore({ file }), { code: "newer_version", message: /schema 1000.*update the program/ });
      assert.ok(readFileSync(file).equals(before), mode);
    }
  });

  it("refuses a folder that cannot be made", async () => {
    writeFileSync(join(folder.path, "plain"), "");
    await assert.rejects(openSqliteStore({ file: join(folder.path, "plain", "store.db") }), { name: "StoreFailure" });
  });

  it("is readable by its owner only", async function () {
    if (process.platform === "win32") this.skip();
    const store = await openSqliteStore({ file });
    await store.append("s", [created("s")]);
    for (const suffix of ["", "-wal", "-shm"]) {
      assert.ok(existsSync(file + suffix), suffix);
      assert.equal(statSync(file + suffix).mode & 0o077, 0, suffix);
    }
    await store.close();
  });

  it("a lease that could not be given back on a full disk holds nobody up: not its own program, and others once there is room", async function () {
    const disk = smallDisk();
    if (!disk) {
      this.skip();
      return;
    }
    try {
      const onDisk = join(disk.path, "store.db");
      const [one, two] = await Promise.all([openSqliteStore({ file: onDisk }), openSqliteStore({ file: onDisk })]);
      await one.append("s", [created("s"), anEvent("s", 2, "session.resumed", { lastSeq: 1 })]);
      await one.takeLease("s");
      const status = async (): Promise<string | undefined> => (await one.findSession("s"))?.status;
      assert.equal(await status(), "running");
      disk.fill(onDisk);
      await assert.rejects(one.dropLease("s"), { code: "full" });
      assert.equal(await status(), "interrupted");
      assert.ok(await two.leasedBy("s"));
      disk.makeRoom();
      while (await two.leasedBy("s")) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await two.takeLease("s")).taken, true);
      await Promise.all([one.close(), two.close()]);
    } finally {
      disk.remove();
    }
  });

  it("rejects what is under way and all that follows when its thread ends", async () => {
    const program = `import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => { throw new Error("boom"); });
      parentPort.postMessage({ kind: "ready" });`;
    const store = await openSqliteStore({ file, workerUrl: new URL(`data:text/javascript,${encodeURIComponent(program)}`) });
    const asked = await Promise.allSettled([store.append("s", [created("s")]), store.listSessions()]);
    for (const outcome of asked) assert.match(String((outcome as PromiseRejectedResult).reason), /boom/);
    await assert.rejects(store.listSessions(), /boom/);
    await store.close();
  });

  it("says so when its thread does not start", async () => {
    const workerUrl = new URL(`data:text/javascript,${encodeURIComponent("throw new Error('no start')")}`);
    await assert.rejects(openSqliteStore({ file, workerUrl }), { code: "failed", message: /no start/ });
  });
});

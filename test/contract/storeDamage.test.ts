// A damaged store: what can be read of it is there again, what is lost is named, and the damaged file is kept. Real files,
// real SQLite; the damage is done to the bytes.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { firstChanged } from "../../src/store/digests.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { checkStore } from "../../src/store/sqliteCheck.ts";
import { damageBytes, pageOf, pageSize, pagesOfTree } from "../support/storeDamage.ts";
import { created, fact, said, timeOf } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const writer = fileURLToPath(new URL("../support/storeWriter.ts", import.meta.url));
const holder = fileURLToPath(new URL("../support/storeHolder.ts", import.meta.url));
const sessions = ["s_one", "s_two", "s_three"];
const length = 60;

describe("store: damaged", () => {
  let folder: TempDir;
  let file: string;
  let artifact: Awaited<ReturnType<Awaited<ReturnType<typeof openSqliteStore>>["putArtifact"]>>;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = makeTempDir("damage");
    file = join(folder.path, "store.db");
    const store = await openSqliteStore({ file });
    for (const id of sessions) await store.append(id, [created(id, `name of ${id}`)]);
    // Their events interleave, as those of sessions that run at once.
    for (let seq = 2; seq <= length; seq++)
      for (const id of sessions)
        await store.append(
          id,
          [seq % 10 === 0 ? fact(id, seq, `fact ${seq}`) : said(id, seq, `${id} says ${seq}: ${"x".repeat(400)}`)],
          seq % 7 === 0 ? [{ seq, count: 1, entries: [{ wake: `a_${seq}` }] }] : [],
        );
    artifact = await store.putArtifact("kept ".repeat(5_000));
    await store.putArtifact("small");
    await store.putDocument({ ...document, id: "one" });
    await store.putDocument({ ...document, id: "two" });
    await store.close();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    folder.remove();
  });

  /** Opens it, tells what was said, and how many events each session has; they must be gapless and what follows from them there. */
  async function reopened(): Promise<{ told: string[]; events: number[]; documents: string[]; artifact: boolean }> {
    const told: string[] = [];
    const store = await openSqliteStore({ file, say: (line) => told.push(line) });
    const events: number[] = [];
    for (const id of sessions) {
      const seqs = (await store.read(id)).map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        seqs.map((_, i) => i + 1),
      );
      events.push(seqs.length);
      const { parts, digests } = await store.readTape(id);
      assert.equal(firstChanged(await store.read(id), parts, digests), undefined);
      assert.ok(parts.length <= Math.floor(seqs.length / 7));
      assert.equal((await store.findSession(`name of ${id}`))?.seq, seqs.length > 0 ? seqs.length : undefined);
      assert.equal((await store.queryFacts(id, { text: "fact", now: timeOf(0) })).length, Math.floor(seqs.length / 10));
      if (seqs.length > 0) await store.append(id, [said(id, seqs.length + 1, "goes on")]);
    }
    const documents = (await store.queryDocuments({})).map(({ id }) => id);
    const content = await store.getArtifact(artifact.hash);
    await store.close();
    assert.deepEqual(checkStore(file, true), { sound: true });
    return { told, events, documents, artifact: content !== undefined };
  }

  const aside = (): string[] => readdirSync(folder.path).filter((name) => name.includes(".damaged-") && !name.endsWith(".txt"));
  const whole = [length, length, length];

  it("a page of events: each session keeps what came before it, and the sentence names those that end earlier", async () => {
    const before = damageBytes(file, pageOf(file, "s_two says 31"));
    await assert.rejects(readAll(), { code: "corrupt" });
    const { told, events, documents, artifact: kept } = await reopened();
    assert.equal(told.length, 1);
    assert.ok(events[1]! >= 20 && events[1]! < 31, `${events.join(" ")} events`);
    assert.match(told[0]!, /^The record was damaged\. Recovered: 3 sessions with \d+ events, 4 kept contents\. Lost: /);
    assert.ok(told[0]!.includes(`session s_two (name of s_two) from event ${events[1]! + 1} of ${length} on`), told[0]);
    assert.deepEqual([documents, kept], [["two", "one"], true]);
    const [name] = aside();
    assert.ok(name && told[0]!.includes(join(folder.path, name)), "it says where the damaged file is");
    assert.ok(readFileSync(join(folder.path, name)).equals(before), "the damaged file is kept as it was");
  });

  async function readAll(): Promise<void> {
    const store = await openSqliteStore({ file });
    try {
      for (const id of sessions) await store.read(id);
    } finally {
      await store.close();
    }
  }

  it("an index alone: nothing is lost", async () => {
    for (const page of pagesOfTree(file, "sqlite_autoindex_events_1")) damageBytes(file, page);
    assert.deepEqual(checkStore(file), { sound: false });
    const { told, events, artifact: kept } = await reopened();
    assert.deepEqual([events, kept], [whole, true]);
    assert.match(told.join(), /Nothing is known to be lost/);
  });

  it("the tree above the events: nothing is lost", async () => {
    damageBytes(file, pagesOfTree(file, "events")[0]!);
    await assert.rejects(readAll(), { code: "corrupt" });
    const { told, events } = await reopened();
    assert.deepEqual(events, whole);
    assert.match(told.join(), /Nothing is known to be lost/);
  });

  it("the first page: nothing is lost", async () => {
    damageBytes(file, 1);
    const { told, events, documents, artifact: kept } = await reopened();
    assert.deepEqual([events, documents, kept], [whole, ["two", "one"], true]);
    assert.match(told.join(), /Nothing is known to be lost/);
  });

  it("free pages: nothing is lost, and what was removed does not come back", async () => {
    const store = await openSqliteStore({ file });
    await store.append("s_gone", [created("s_gone"), ...Array.from({ length: 40 }, (_, i) => said("s_gone", i + 2, "y".repeat(3_000)))]);
    await store.deleteSession("s_gone");
    await store.close();
    const db = new DatabaseSync(file);
    assert.ok(Number(db.prepare("PRAGMA freelist_count").get()?.["freelist_count"]) > 20);
    db.close();
    assert.ok(!readFileSync(file).includes("yyyyyyyy"), "overwritten");
    damageBytes(file, readFileSync(file).readUInt32BE(32));
    damageBytes(file, 1);
    const { events, told } = await reopened();
    assert.deepEqual(events, whole);
    assert.match(told.join(), /Recovered: 3 sessions.*Nothing is known to be lost/);
    const after = await openSqliteStore({ file });
    assert.deepEqual((await after.listSessions()).length, sessions.length);
    await after.close();
  });

  it("a file that was cut: the beginning of each session is there", async () => {
    truncateSync(file, pageOf(file, "s_one says 41") * pageSize - 100);
    const { told, events } = await reopened();
    for (const count of events) assert.ok(count > 20 && count < length, `${events.join(" ")} events`);
    for (const id of sessions) assert.ok(told.join().includes(`session ${id} (name of ${id}) from event `), told.join());
  });

  it("an index page tells how far a session came whose events are lost", async () => {
    for (const id of sessions) for (let seq = 2; seq <= length; seq++) if (seq % 10 !== 0) damageIfThere(`${id} says ${seq}:`);
    assert.deepEqual(checkStore(file), { sound: false });
    const { told, events } = await reopened();
    assert.ok(events.every((count) => count < 10));
    assert.match(
      told.join(),
      new RegExp(`session s_one \\(name of s_one\\) from event ${events[0]! + 1} of ${length} on|all of session s_one`),
    );
  });

  function damageIfThere(text: string): void {
    if (readFileSync(file).includes(text)) damageBytes(file, pageOf(file, text));
  }

  it("a file that is no database: it is kept aside, and a new one is begun", async () => {
    writeFileSync(file, "hello, this is no database at all ".repeat(1_000));
    const { told, events } = await reopened();
    assert.deepEqual(events, [0, 0, 0]);
    assert.match(told.join(), /Recovered: 0 sessions.*The damaged file is kept as /);
    assert.match(readFileSync(join(folder.path, aside()[0]!), "utf8"), /^hello/);
  });

  it("an empty file is a new store, and nothing is said", async () => {
    writeFileSync(file, "");
    const { told, events } = await reopened();
    assert.deepEqual([told, events], [[], [0, 0, 0]]);
  });

  it("files that were taken away while they were marked: a new store, which takes what is written", async () => {
    writeFileSync(`${file}.mark`, "");
    rmSync(file);
    const store = await openSqliteStore({ file, say: (line) => assert.fail(line) });
    await store.append("s_new", [created("s_new")]);
    await store.close();
  });

  it("is found by looking through the file, beside the work; then nobody writes on, and the next start recovers", async () => {
    damageBytes(file, pageOf(file, "s_three says 59"));
    const store = await openSqliteStore({ file, checkAfterMs: 0 });
    while (!existsSync(`${file}.mark`)) await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(store.append("s_new", [created("s_new")]), { code: "corrupt", message: /start the program again/ });
    await store.close();
    const { told, events } = await reopened();
    assert.ok(events[2]! < length);
    assert.match(told.join(), /name of s_three/);
    const again = await reopened();
    assert.deepEqual(again.told, [], "once");
  });

  it("a sound file is looked through once a week, or after an unclean end", async () => {
    const stamp = `${file}.checked`;
    const one = await openSqliteStore({ file, checkAfterMs: 0 });
    while (!existsSync(stamp)) await new Promise((resolve) => setTimeout(resolve, 20));
    await one.close();
    const two = await openSqliteStore({ file });
    await two.close();
    assert.ok(existsSync(stamp));
    const child = spawn(process.execPath, [writer, file, "s_killed", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    for await (const line of createInterface({ input: child.stdout })) if (Number(line) > 10) child.kill("SIGKILL");
    const three = await openSqliteStore({ file });
    assert.ok(!existsSync(stamp), "due");
    await three.close();
  });

  it("while another program has it open nothing is moved, and it says what to do", async () => {
    const child = spawn(process.execPath, [holder, file], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    await once(child.stdout, "data");
    writeFileSync(`${file}.mark`, "");
    await assert.rejects(openSqliteStore({ file }), { code: "corrupt", message: /another program has it open: end that program/ });
    assert.deepEqual(aside(), []);
    child.kill("SIGKILL");
    await once(child, "exit");
    const { told } = await reopened();
    assert.match(told.join(), /Recovered: 3 sessions/);
  });

  it("two programs that start at once: one recovers, the other waits and finds it mended", async () => {
    damageBytes(file, 1);
    const told: string[] = [];
    const stores = await Promise.all([1, 2, 3].map(async () => await openSqliteStore({ file, say: (line) => told.push(line) })));
    for (const store of stores) assert.equal((await store.listSessions()).length, 3);
    for (const store of stores) await store.close();
    assert.equal(told.length, 1);
    assert.equal(aside().length, 1);
  });

  describe("with a log beside it", () => {
    /** As a program leaves it that is killed: the newest events are in the log alone. */
    async function killed(): Promise<void> {
      const child = spawn(process.execPath, [writer, file, "s_killed", "0"], { stdio: ["ignore", "pipe", "inherit"] });
      children.push(child);
      for await (const line of createInterface({ input: child.stdout })) if (Number(line) > 60) child.kill("SIGKILL");
    }
    const killedEvents = async (told: string[] = []): Promise<number> => {
      const store = await openSqliteStore({ file, say: (line) => told.push(line) });
      const { length } = await store.read("s_killed");
      await store.close();
      return length;
    };
    const wal = (): string => `${file}-wal`;

    it("that was cut in the middle of a frame: it starts with what came before, and nothing is said", async () => {
      await killed();
      truncateSync(wal(), Math.floor(statSync(wal()).size / 2));
      const told: string[] = [];
      assert.ok((await killedEvents(told)) > 10);
      assert.deepEqual([told, (await reopened()).events], [[], whole]);
    });

    it("that has garbage in a frame: the same", async () => {
      await killed();
      damageBytes(wal(), Math.floor(statSync(wal()).size / pageSize / 2));
      const told: string[] = [];
      assert.ok((await killedEvents(told)) > 10);
      assert.deepEqual([told, (await reopened()).events], [[], whole]);
    });

    it("what is in the log alone is recovered too", async () => {
      await killed();
      damageBytes(file, 1);
      writeFileSync(`${file}.mark`, "");
      const told: string[] = [];
      assert.ok((await killedEvents(told)) > 60);
      assert.match(told.join(), /Recovered: 4 sessions.*Nothing is known to be lost/);
      assert.deepEqual((await reopened()).events, whole);
    });

    it("a file that is gone: what is in the log is recovered, and the log kept", async () => {
      await killed();
      rmSync(file);
      const { told } = await reopened();
      assert.match(told.join(), /The damaged file is kept as /);
      assert.ok(aside().some((name) => name.endsWith("-wal")));
    });

    it("an empty file: what is in the log is recovered", async () => {
      await killed();
      const had = readFileSync(wal()).includes("s_killed");
      assert.ok(had);
      writeFileSync(file, "");
      const { told } = await reopened();
      assert.match(told.join(), /The damaged file is kept as /);
    });
  });

  it("a recovery that was cut off is gone on with", async () => {
    damageBytes(file, 1);
    const { told } = await reopened();
    const old = join(folder.path, aside()[0]!);
    // As it is between its steps: the new one complete, the old one still in its place.
    renameSync(file, `${file}.recovered`);
    renameSync(old, file);
    rmSync(`${old}.txt`);
    const again = await reopened();
    assert.deepEqual(again.events, [length + 1, length + 1, length + 1]);
    assert.equal(told.length, 1);
    assert.match(again.told.join(), /kept as /);
  });
});

const document = {
  filename: "a.md",
  contentType: "text/plain",
  size: 1,
  hash: "sha256:00" as const,
  tags: [],
  metadata: {},
  createdAt: timeOf(1),
  updatedAt: timeOf(1),
};

// A store of another version: an older one is copied before its tables are changed, a newer one is read and left as it is.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { checkStore } from "../../src/store/sqliteCheck.ts";
import { knownVersion } from "../../src/store/sqliteSchema.ts";
import { created, fact, said, timeOf } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

describe("store: versions", () => {
  let folder: TempDir;
  let file: string;
  beforeEach(async () => {
    folder = makeTempDir("versions");
    file = join(folder.path, "store.db");
    const store = await openSqliteStore({ file });
    await store.append("s", [created("s"), said("s", 2, "said"), fact("s", 3, "a fact")]);
    await store.putArtifact("kept");
    await store.close();
  });
  afterEach(() => folder.remove());

  const change = (sql: string): void => {
    const db = new DatabaseSync(file);
    db.exec(sql);
    db.close();
  };
  /** As version 3 had it. */
  const older = `DROP TABLE leases; ALTER TABLE events DROP COLUMN digest; DROP TABLE tape; PRAGMA user_version = 3;
    CREATE TABLE leases (session_id TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL)`;
  const backups = (): string[] => readdirSync(folder.path).filter((name) => name.includes(".backup"));

  describe("an older one", () => {
    it("is copied whole before its tables are changed; the copy is its owner's alone", async () => {
      change(older);
      const store = await openSqliteStore({ file });
      assert.equal((await store.read("s")).length, 3);
      await store.close();
      assert.deepEqual(backups(), ["store.db.v3.backup"]);
      const copy = join(folder.path, "store.db.v3.backup");
      if (process.platform !== "win32") assert.equal(statSync(copy).mode & 0o077, 0);
      const db = new DatabaseSync(copy, { readOnly: true });
      assert.equal(db.prepare("PRAGMA user_version").get()?.["user_version"], 3);
      assert.equal(db.prepare("SELECT count(*) AS n FROM events").get()?.["n"], 3);
      assert.equal(db.prepare("PRAGMA integrity_check").get()?.["integrity_check"], "ok");
      db.close();
    });

    it("whose change fails is as it was, and the sentence names the copy", async () => {
      change(`${older}; CREATE TABLE numberless_leases (of_something_else)`);
      const tables = (): unknown => {
        const db = new DatabaseSync(file, { readOnly: true });
        const all = db.prepare("SELECT sql FROM sqlite_schema ORDER BY name").all();
        const version = db.prepare("PRAGMA user_version").get();
        db.close();
        return [all, version];
      };
      const before = tables();
      await assert.rejects(openSqliteStore({ file }), {
        code: "failed",
        message:
          /^The record could not be brought to the form of this version, so it is as it was \(.*copy of it is .*store\.db\.v3\.backup\.$/,
      });
      assert.deepEqual(tables(), before);
    });

    it("the newest two copies are kept, and none for ever", async () => {
      const names = ["store.db.v1.backup", "store.db.v2.backup", "store.db.v2.backup.half77"];
      for (const [i, name] of names.entries()) {
        writeFileSync(join(folder.path, name), "");
        utimesSync(join(folder.path, name), new Date(), new Date(Date.now() - (10 - i) * 24 * 3_600_000));
      }
      change(older);
      await (await openSqliteStore({ file })).close();
      assert.deepEqual(backups(), ["store.db.v2.backup", "store.db.v3.backup"]);
      utimesSync(join(folder.path, "store.db.v2.backup"), new Date(), new Date(Date.now() - 200 * 24 * 3_600_000));
      checkStore(file);
      assert.deepEqual(backups(), ["store.db.v3.backup"]);
    });
  });

  describe("a newer one", () => {
    const newer = `PRAGMA user_version = ${knownVersion + 1}; ALTER TABLE sessions ADD COLUMN colour TEXT; ALTER TABLE events ADD COLUMN weight;
      CREATE TABLE of_the_future (what); UPDATE events SET type = 'from.the.future' WHERE seq = 2;
      INSERT INTO snapshots (session_id, seq, state) VALUES ('s', 3, '{"of":"another form"}')`;

    it("is read, said, and left as it is to the byte; what would write is refused with the way out", async () => {
      change(newer);
      const before = readFileSync(file);
      const told: string[] = [];
      const store = await openSqliteStore({ file, say: (line) => told.push(line), checkAfterMs: 0 });
      assert.deepEqual(
        (await store.listSessions()).map(({ id, seq }) => [id, seq]),
        [["s", 3]],
      );
      assert.deepEqual(
        (await store.read("s")).map(({ type }) => type),
        ["session.created", "from.the.future", "fact.put"],
      );
      assert.equal(await store.loadSnapshot("s"), undefined, "its form is not known");
      assert.equal((await store.queryFacts("s", { text: "fact", now: timeOf(0) })).length, 1);
      const refused = { code: "newer_version", message: /written by a newer version.*nothing can be written; update the program/ };
      await assert.rejects(store.append("s", [said("s", 4, "no")]), refused);
      await assert.rejects(store.takeLease("s"), refused);
      await assert.rejects(store.deleteSession("s"), refused);
      await assert.rejects(store.putArtifact("no"), refused);
      await store.close();
      assert.equal(told.length, 1);
      assert.match(
        told[0]!,
        /written by a newer version .*: its sessions can be read, but nothing is written\. To go on, update the program/,
      );
      assert.ok(readFileSync(file).equals(before));
    });

    it("that is marked as damaged is for the newer program to recover", async () => {
      change(newer);
      const before = readFileSync(file);
      writeFileSync(`${file}.mark`, "");
      const store = await openSqliteStore({ file });
      assert.equal((await store.read("s")).length, 3);
      await store.close();
      assert.ok(readFileSync(file).equals(before));
    });
  });
});

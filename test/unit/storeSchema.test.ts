import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkSqliteVersion, compareVersions, migrate } from "../../src/store/sqliteSchema.ts";
import { makeTempDir } from "../support/tempDir.ts";

describe("SQLite versions", () => {
  for (const [a, b, sign] of [
    ["3.51.3", "3.51.3", 0],
    ["3.9.0", "3.51.3", -1],
    ["3.51.10", "3.51.3", 1],
    ["3.52", "3.51.3", 1],
    ["4", "3.99.99", 1],
  ] as const)
    it(`${a} beside ${b}`, () => assert.equal(Math.sign(compareVersions(a, b)), sign));

  it("one that is too old is refused with the way out", () => {
    assert.throws(() => checkSqliteVersion("3.51.2"), { code: "unsupported", message: /update Node/ });
    checkSqliteVersion("3.51.3");
  });
});

describe("a store of the first version", () => {
  it("keeps its events, and takes the next one", () => {
    const folder = makeTempDir("schema");
    const file = join(folder.path, "store.db");
    const db = new DatabaseSync(file);
    db.exec(`
      CREATE TABLE events (
        session_id TEXT NOT NULL, seq INTEGER NOT NULL, run_id TEXT NOT NULL, task_id TEXT, actor TEXT NOT NULL, type TEXT NOT NULL,
        ts TEXT NOT NULL, cause TEXT, payload TEXT NOT NULL, PRIMARY KEY (session_id, seq)
      ) WITHOUT ROWID;
      CREATE INDEX events_by_task ON events (session_id, task_id, seq) WHERE task_id IS NOT NULL;
      PRAGMA user_version = 1;
    `);
    const insert = "INSERT INTO events (session_id, seq, run_id, task_id, actor, type, ts, cause, payload)";
    const values = "VALUES ('s_1', ?, 'r_1', 't_1', 'someone', 'message', '2030-01-01', NULL, '{\"n\":1}')";
    for (const seq of [2, 1]) db.prepare(`${insert} ${values}`).run(seq);
    const all = "SELECT session_id, seq, run_id, task_id, actor, type, ts, cause, payload FROM events ORDER BY seq";
    const before = db.prepare(all).all();
    migrate(db, file);
    assert.deepEqual(db.prepare(all).all(), before);
    db.prepare(`${insert} ${values}`).run(3);
    assert.throws(() => db.prepare(`${insert} ${values}`).run(3), /UNIQUE/);
    db.close();
    folder.remove();
  });
});

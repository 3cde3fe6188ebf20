// What `ao` does with a record that is damaged, or that a newer version wrote.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { damageBytes, pagesOfTree } from "../support/storeDamage.ts";

/** Which the demo can answer. */
const question = "What does this project do?";

describe("ao and its record", () => {
  let home: Home;
  let file: string;
  let session: string;
  let workspace: string;

  beforeEach(async () => {
    home = createHome();
    file = join(home.dir, "data", "store.db");
    workspace = home.project({ "README.md": "# A sample\n" });
    const ran = await home.ao(["run", question, "--workspace", workspace, "--model", "demo"]);
    assert.equal(ran.code, 0, ran.stdout + ran.stderr);
    session = sessionIn(ran);
  });
  afterEach(() => home.remove());

  it("damaged: what works with it stops with a sentence, the next start recovers and says so once", async () => {
    const events = await home.events(session);
    damageBytes(file, pagesOfTree(file, "sqlite_autoindex_events_1")[0]!);
    const met = await home.ao(["resume", session, "-p", question]);
    assert.equal(met.code, 1);
    assert.match(met.stderr, /^ao: [^\n]*database is damaged, so nothing more is done: start the program again[^\n]*\n$/);
    const next = await home.ao(["list"]);
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stdout, new RegExp(session));
    assert.match(
      next.stderr,
      /^ao: The record was damaged\. Recovered: 1 session with [\d,]+ events, .*Nothing is known to be lost\. The damaged file is kept as .*\n$/,
    );
    assert.equal((await home.ao(["list"])).stderr, "");
    assert.deepEqual(await home.events(session), events);
    const resumed = await home.ao(["resume", session, "-p", question]);
    assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr);
  });

  it("damaged where nobody has looked yet: ao doctor finds and recovers it", async () => {
    damageBytes(file, pagesOfTree(file, "sqlite_autoindex_artifacts_1")[0]!);
    const doctor = await home.ao(["doctor"]);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    assert.match(doctor.stderr, /Nothing is known to be lost/);
    assert.match(doctor.stdout, /ok +store: /);
  });

  it("of a newer version: it is listed and shown, and what would write is refused with the way out", async () => {
    const db = new DatabaseSync(file);
    db.exec("PRAGMA user_version = 99; ALTER TABLE sessions ADD COLUMN colour; PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    const before = readFileSync(file);
    const list = await home.ao(["list"]);
    assert.equal(list.code, 0, list.stderr);
    assert.match(list.stdout, new RegExp(`${session}  done`));
    assert.match(list.stderr, /^ao: The data folder was written by a newer version \(schema 99[^\n]*\n$/);
    assert.match((await home.ao(["trace", session])).stdout, /What does this project do/);
    for (const command of [
      ["run", question, "--workspace", workspace, "--model", "demo"],
      ["resume", session, "-p", question],
      ["cancel", session],
    ]) {
      const refused = await home.ao(command);
      assert.equal(refused.code, 1, `${command.join(" ")}: ${refused.stderr}`);
      if (command[0] !== "cancel") assert.match(refused.stderr, /\nao: [^\n]*nothing can be written; update the program[^\n]*\n$/);
    }
    assert.ok(readFileSync(file).equals(before));
    writeFileSync(`${file}.mark`, "");
    assert.equal((await home.ao(["doctor"])).code, 0);
    assert.ok(readFileSync(file).equals(before) && existsSync(`${file}.mark`));
  });

  it("ao clean removes what is old, says the space, and lets stay what waits for the person", async () => {
    const waiting = home.project({ "README.md": "# A sample, which you will recieve\n" });
    const typo = await home.ao([
      "run",
      'Fix the typo "recieve" in README.md',
      "--workspace",
      waiting,
      "--model",
      "demo",
      "--level",
      "assisted",
    ]);
    assert.equal(typo.code, 3, typo.stdout + typo.stderr);
    assert.equal((await home.ao(["clean"])).code, 2);
    assert.match((await home.ao(["clean", "--older-than", "90d"])).stdout, /^Removed 0 sessions with nothing new for 90 days\.\n$/);
    const dry = await home.ao(["clean", "--older-than", "0d", "--dry-run"]);
    assert.match(dry.stdout, new RegExp(`Stays: ${sessionIn(typo)}, .*\nWould go: ${session} .*\nWould remove 1 session`));
    const cleaned = await home.ao(["clean", "--older-than", "0d"]);
    assert.match(cleaned.stdout, /Removed 1 session [^\n]*\nThe record takes [\d.]+ MiB; before, [\d.]+ MiB\.\n$/);
    const { stdout } = await home.ao(["list"]);
    assert.ok(stdout.includes(sessionIn(typo)) && !stdout.includes(session), stdout);
  });
});

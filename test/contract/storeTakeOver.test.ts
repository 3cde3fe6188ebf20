// A session is taken over from a program that is stopped: when that wakes, nothing more of it reaches the record. Two real
// programs on one file.

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { StorePort } from "../../src/core/ports.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { created, said } from "../support/storeEvents.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";

const program = fileURLToPath(new URL("../support/storeHolder.ts", import.meta.url));

describe("store: taken over", function () {
  let folder: TempDir;
  let store: StorePort;
  let child: ChildProcessByStdio<Writable, Readable, null>;
  let answers: AsyncIterator<string>;

  const heard = async (): Promise<string> => String((await answers.next()).value);
  const ask = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    return await heard();
  };

  beforeEach(async function () {
    if (process.platform === "win32") this.skip();
    folder = makeTempDir("over");
    const file = join(folder.path, "store.db");
    store = await openSqliteStore({ file });
    await store.append("s", [created("s")]);
    child = spawn(process.execPath, [program, file], { stdio: ["pipe", "pipe", "inherit"] });
    answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    assert.equal(await heard(), "open");
    assert.match(await ask("take s"), /"taken":true/);
    assert.equal(await ask("say s 2"), "done");
  });
  afterEach(async () => {
    child?.kill("SIGKILL");
    await store?.close();
    folder?.remove();
  });

  it("a stopped holder keeps it until it is taken deliberately; awake, its append is refused though its seq fits", async () => {
    child.kill("SIGSTOP");
    assert.deepEqual(await store.takeLease("s"), { taken: false, by: `process ${child.pid}` });
    assert.equal((await store.takeLease("s", true)).taken, true);
    child.kill("SIGCONT");
    assert.equal(
      await ask("say s 3"),
      `StoreConflict: session s was taken over by process ${process.pid}; nothing more of it is done here`,
    );
    await store.append("s", [said("s", 3, "ours")]);
    assert.match(await ask("say s 4"), /^StoreConflict: session s was taken over/);
    assert.equal(await store.leasedBy("s"), undefined);
    assert.deepEqual(
      (await store.read("s")).map(({ seq }) => seq),
      [1, 2, 3],
    );
  });

  it("also when the new holder has given it back, until the old one takes it anew", async () => {
    child.kill("SIGSTOP");
    await store.takeLease("s", true);
    await store.dropLease("s");
    child.kill("SIGCONT");
    assert.equal(await ask("say s 3"), "StoreConflict: session s was taken over by another program; nothing more of it is done here");
    assert.match(await ask("take s"), /"taken":true/);
    assert.equal(await ask("say s 3"), "done");
  });

  it("what is left for the session is collected by who has it now", async () => {
    const other = await openSqliteStore({ file: join(folder.path, "store.db") });
    await other.takeLease("s", true);
    await store.takeLease("s", true);
    await store.post("s", "a command");
    await assert.rejects(other.collect("s"), { name: "StoreConflict" });
    assert.deepEqual(await store.collect("s"), ["a command"]);
    await other.close();
  });
});

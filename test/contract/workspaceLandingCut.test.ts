// A landing that something stops in the middle: an obstacle, a full disk, the end of the program. It is there as a whole
// or not at all, for its own session alone, and what the user did meanwhile stays (A10).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Commit } from "../../src/protocol/ids.ts";
import { openRecord } from "../../src/runtime/record.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { type Files, readFiles, writeFiles } from "../support/gitProject.ts";
import { folderWorld, lines } from "../support/folderWorld.ts";
import { lockFolder, pinFile, type SmallDisk, smallDisk } from "../support/smallDisk.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const program = fileURLToPath(new URL("../support/landingProgram.ts", import.meta.url));
const dieAt = new URL("../support/dieAt.ts", import.meta.url).href;

describe("workspace: a landing that is stopped", () => {
  let at: Fixture;
  let undo: (() => void)[] = [];
  afterEach(() => {
    for (const one of undo.splice(0)) one();
    at.remove();
  });

  const refusal = async (base: Commit, result: Commit, workspace = at.path): Promise<string> => {
    const landed = await at.port.land("s", workspace, base, result, 0);
    assert.ok(!landed.ok, JSON.stringify(landed));
    assert.equal(landed.error.code, "not_written");
    return landed.error.message;
  };
  const plans = (): string[] =>
    readdirSync(join(at.dataDir, "workspaces"), { recursive: true })
      .map(String)
      .filter((file) => /landings\/.*json/.test(file));

  it("by a folder that is read-only: known before, nothing is written", async function () {
    if (process.platform === "win32") this.skip();
    at = makeFixture({ a: "a", z: "z" });
    const base = await at.snapshot();
    const result = await at.change(base, { a: "A", "locked/b": "b" }, ["z"]);
    mkdirSync(join(at.path, "locked"));
    const unlock = lockFolder(join(at.path, "locked"));
    if (!unlock) this.skip();
    undo.push(unlock);
    assert.match(await refusal(base, result), /^locked\/b cannot be written: its folder is read-only\. Nothing was changed\.$/);
    assert.deepEqual(readFiles(at.path), { a: "a", z: "z" });
    assert.deepEqual(plans(), []);
  });

  it("by a file that cannot be replaced: what was written before is taken back, with permissions, links and folders", async function () {
    const before: Files = { a: "a", "d/x": "x", "d/y/z": "z", f: "f", l: "link:a", "run*": "#", pinned: "p", "q/both": "1\n2\n3\n4\n5\n" };
    at = makeFixture(before);
    chmodSync(join(at.path, "a"), 0o640);
    chmodSync(join(at.path, "d/x"), 0o600);
    const base = await at.snapshot();
    const put = {
      a: "A",
      d: "a file",
      "f/in": "in",
      l: "link:f",
      "new/deep/n": "n",
      run: "#!",
      "q/both": "one\n2\n3\n4\n5\n",
      pinned: "P",
    };
    const result = await at.change(base, put, ["d", "f"]);
    mkdirSync(join(at.path, "new"));
    writeFiles(at.path, { "q/both": "1\n2\n3\n4\nmine\n" });
    const files = readFiles(at.path);
    const unpin = pinFile(join(at.path, "pinned"));
    if (!unpin) this.skip();
    undo.push(unpin);
    assert.match(await refusal(base, result), /^pinned could not be written \(EBUSY: [^,/]+\)\. Nothing was changed\.$/);
    assert.deepEqual(readFiles(at.path), files);
    assert.deepEqual([statSync(join(at.path, "a")).mode & 0o777, statSync(join(at.path, "d/x")).mode & 0o777], [0o640, 0o600]);
    assert.deepEqual(readdirSync(join(at.path, "new")), [], "the user's empty folder is still there, and empty");
    assert.deepEqual(plans(), []);
    undo.pop()!();
    assert.deepEqual((await at.land(base, result)).conflicts, []);
    assert.equal(readFiles(at.path)["d"], "a file");
  });

  it("by a full disk: what was written is taken back, and it goes when there is room", async function () {
    at = makeFixture({});
    const disk: SmallDisk | undefined = smallDisk();
    if (!disk) this.skip();
    undo.push(() => disk.remove());
    const name = (i: number): string => `f/${i}`;
    const some = (text: string): Files => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [name(i), text.repeat(10_000)]));
    writeFiles(disk.path, some("old "));
    const taken = await at.port.snapshot("s", disk.path);
    assert.ok(taken.ok);
    const base = taken.value.commit;
    const folder = await at.port.openWorktree("s", disk.path, "t_full", base);
    writeFiles(folder, some("brand new "));
    const result = await at.port.commitWorktree("s", disk.path, "t_full", base, "a change");
    writeFiles(disk.path, { spare: Buffer.alloc(500_000) });
    disk.fill();
    // Room for some of the files, not for all.
    writeFiles(disk.path, { spare: "" });
    const files = readFiles(disk.path);
    assert.match(await refusal(base, result, disk.path), /^f\/\d+ could not be written \(ENOSPC: .*\)\. Nothing was changed\.$/);
    assert.deepEqual(readFiles(disk.path), files);
    disk.makeRoom();
    const landed = await at.port.land("s", disk.path, base, result, 0);
    assert.ok(landed.ok);
    assert.equal(landed.value.files.length, 40);
  });

  const count = 900;
  const name = (i: number): string => `f/${String(i).padStart(4, "0")}`;
  const all = (text: string): Files => Object.fromEntries(Array.from({ length: count }, (_, i) => [name(i), text]));

  for (const phase of ["while contents are laid aside", "while files are replaced"] as const)
    it(`by the program's end, ${phase}: its session takes it back, nobody else touches it`, async function () {
      this.timeout(60_000);
      at = makeFixture({ ...all("old"), other: "o" });
      const base = await at.snapshot();
      const result = await at.change(base, all("brand new"));
      const elsewhere = await at.change(base, { other: "O" });
      const isAside = phase === "while contents are laid aside";
      await cutLanding(at, base, result, () =>
        isAside ? readdirSync(join(at.path, "f")).length > count : statSync(join(at.path, name(10))).size !== "old".length,
      );
      const cut = readFiles(at.path);
      const done = Object.values(cut).filter((content) => content === "brand new").length;
      assert.ok(isAside ? Object.keys(cut).length > count + 1 : done > 0 && done < count + 1, `${done} of ${count} were written`);
      assert.equal(plans().length, 1);

      const other = createWorkspace({ dataDir: at.dataDir });
      assert.ok((await other.check(at.path)).ok);
      assert.ok((await other.settle("t", at.path, 0)).ok);
      const landed = await other.land("t", at.path, base, elsewhere, 0);
      assert.ok(landed.ok && landed.value.conflicts.length === 0);
      assert.deepEqual(readFiles(at.path), { ...cut, other: "O" });

      writeFiles(at.path, { [name(0)]: "the user's" });
      assert.ok((await at.port.settle("s", at.path, 0)).ok);
      assert.deepEqual(readFiles(at.path), { ...all("old"), [name(0)]: "the user's", other: "O" });
      assert.deepEqual(plans().length, 1, "the other session's own");
    });

  it("by the program's end, before each single change: taken back, and the taking back as well", async function () {
    if (process.platform === "win32") this.skip();
    this.timeout(300_000);
    const before: Files = { a: "a\n", "d/x": "x", f: "f", l: "link:a", "run*": "#", mine: "1\n2\n3\n4\n5\n", "human/only": "h" };
    at = makeFixture(before);
    const base = await at.snapshot();
    const put = { a: "A\n", d: "a file", "f/in": "in", "l/deep": "no link", run: "#!", mine: "one\n2\n3\n4\n5\n", "new/n*": "n" };
    const result = await at.change(base, put, ["d", "f", "l"]);
    writeFiles(at.path, { mine: "1\n2\n3\n4\nby hand\n" });
    const files = readFiles(at.path);
    let cut = 0;
    for (let step = 1; ; step++) {
      const isWhole = await dyingProgram(at, step, base, result);
      if (isWhole) break;
      cut++;
      // The taking back is cut as well, each time at another place, and what the user does meanwhile stays.
      writeFiles(at.path, { "human/only": `h${step}` });
      if (step % 3 === 0) await dyingProgram(at, 1 + (step % 8));
      assert.ok((await createWorkspace({ dataDir: at.dataDir }).settle("s", at.path, 0)).ok);
      assert.deepEqual(readFiles(at.path), { ...files, "human/only": `h${step}` }, `cut before change ${step}`);
      assert.deepEqual([plans(), readdirSync(at.path).filter((name) => name.startsWith(".ao-"))], [[], []]);
    }
    assert.ok(cut > 15, `${cut} places`);
    assert.deepEqual(readFiles(at.path), {
      "human/only": `h${cut}`,
      a: "A\n",
      d: "a file",
      "f/in": "in",
      "l/deep": "no link",
      run: "#!",
      mine: "one\n2\n3\n4\nby hand\n",
      "new/n*": "n",
    });
  });

  it("is said where it cannot be taken back, and its session is not removed until it can", async function () {
    this.timeout(60_000);
    const world = await folderWorld({ a: lines(), z: "z\n" });
    at = world.at;
    const sessionId = await world.run({ put: { a: lines({ 2: "two" }), z: "Z\n" } });
    const { landing, seq } = await world.state(sessionId);
    assert.ok(landing?.base);
    assert.ok((await at.port.land(sessionId, at.path, landing.base, landing.commit, seq)).ok);
    const unpin = pinFile(join(at.path, "z"));
    if (!unpin) this.skip();
    undo.push(unpin);
    const refused = await world.engine.dispatch({ type: "session.remove", sessionId });
    assert.ok(!refused.ok);
    assert.match(refused.error.message, /^z holds what a landing wrote that was cut short, and could not be taken back/);
    assert.ok(await world.engine.state(sessionId));
    undo.pop()!();
    assert.ok((await world.engine.dispatch({ type: "session.remove", sessionId })).ok);
    assert.deepEqual(readFiles(at.path), { a: lines(), z: "z\n" });
  });

  it("is taken back by whatever program opens the record next, which says so, and not while another holds the session", async function () {
    this.timeout(60_000);
    const fixture = makeFixture({ a: lines(), z: "z\n" });
    const store = await openSqliteStore({ file: join(fixture.dataDir, "store.db") });
    const world = await folderWorld({}, { at: fixture, store });
    at = fixture;
    const sessionId = await world.run({ put: { a: lines({ 2: "two" }) }, gone: ["z"] });
    const { landing, seq } = await world.state(sessionId);
    assert.ok(landing?.base);
    assert.ok((await at.port.land(sessionId, at.path, landing.base, landing.commit, seq)).ok);
    const said: string[] = [];
    const look = async (): Promise<void> => await (await openRecord({ AO_DATA_DIR: at.dataDir }, (line) => said.push(line))).close();
    assert.ok((await store.takeLease(sessionId)).taken);
    await look();
    assert.deepEqual([readFiles(at.path), said], [{ a: lines({ 2: "two" }) }, []]);
    await store.dropLease(sessionId);
    await store.close();
    await look();
    assert.deepEqual(said, [`A change of your files by session ${sessionId} was cut short: they are as its record says again.`]);
    await look();
    assert.deepEqual([readFiles(at.path), plans(), said.length], [{ a: lines(), z: "z\n" }, [], 1]);
  });

  it("and one whose landing is on record is kept", async () => {
    at = makeFixture({ a: "a" });
    const base = await at.snapshot();
    const result = await at.change(base, { a: "A" });
    assert.ok((await at.port.land("s", at.path, base, result, 7)).ok);
    assert.ok((await at.port.settle("s", at.path, 8)).ok);
    assert.deepEqual([readFiles(at.path), plans()], [{ a: "A" }, []]);
    assert.ok((await at.port.land("s", at.path, result, base, 9)).ok);
    assert.ok((await at.port.settle("s", at.path, 8, "under way")).ok);
    assert.deepEqual([readFiles(at.path), plans().length], [{ a: "a" }, 1]);
    assert.ok((await at.port.settle("s", at.path, 8)).ok);
    assert.deepEqual([readFiles(at.path), plans()], [{ a: "A" }, []]);
  });

  it("by nothing that another program does in the same folder meanwhile", async function () {
    this.timeout(60_000);
    at = makeFixture({ a: "a" });
    const base = await at.snapshot();
    const result = await at.change(base, all("brand new"));
    const other = createWorkspace({ dataDir: at.dataDir });
    const over = new AbortController();
    let looks = 0;
    const looking = (async () => {
      for (; !over.signal.aborted || looks === 0; looks++) {
        assert.ok((await other.check(at.path)).ok);
        assert.ok((await other.settle("t", at.path, 0)).ok);
      }
    })();
    const landed = await at.land(base, result);
    over.abort();
    await looking;
    assert.deepEqual([landed.files.length, landed.conflicts, readFiles(at.path)], [count, [], { a: "a", ...all("brand new") }]);
  });

  it("is no hindrance once its folder is gone", async () => {
    at = makeFixture({ a: "a" });
    const base = await at.snapshot();
    const gone = await at.change(base, {}, ["a"]);
    assert.ok((await at.port.land("s", at.path, base, gone, 0)).ok);
    rmSync(at.path, { recursive: true });
    assert.ok((await at.port.settle("s", at.path, 0)).ok);
    assert.ok(!existsSync(at.path));
  });
});

function landingsIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, "workspaces")).map((home) => join(dataDir, "workspaces", home, "landings"));
}

/** Answers whether it came to its end; without commits it takes back. */
async function dyingProgram({ dataDir, path }: Fixture, step: number, ...commits: Commit[]): Promise<boolean> {
  const env = { ...process.env, AO_DIE_AT: String(step), AO_DIE_IN: [path, ...landingsIn(dataDir)].join("\n") };
  const child = spawn(process.execPath, ["--import", dieAt, program, dataDir, path, ...commits], { stdio: "inherit", env });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  assert.ok(code === 0 || signal === "SIGKILL", `ended with ${code}`);
  return code === 0;
}

/** Kills a landing as soon as it has come this far. */
async function cutLanding({ dataDir, path }: Fixture, base: Commit, result: Commit, isThere: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [program, dataDir, path, base, result], { stdio: "inherit" });
  const exit = once(child, "exit");
  while (!isThere() && child.exitCode === null) await setImmediate();
  child.kill("SIGKILL");
  await exit;
}

// What nobody needs any more goes, and nothing that anybody does: snapshots of sessions that are gone, litter of programs
// that were killed, while others work and whenever it is cut short.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { StorePort } from "../../src/core/ports.ts";
import type { Commit } from "../../src/protocol/ids.ts";
import { openRecord } from "../../src/runtime/record.ts";
import { keepTidy } from "../../src/runtime/tidiness.ts";
import { placesOf } from "../../src/workspace/places.ts";
import { snapshotBytes, tidy, tidyLimits } from "../../src/workspace/tidying.ts";
import { working } from "../../src/workspace/working.ts";
import { gitIn, writeFiles } from "../support/gitProject.ts";
import { created } from "../support/storeEvents.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const program = fileURLToPath(new URL("../support/tidyProgram.ts", import.meta.url));
const atOnce = { litter: 0, contents: 0, budget: 0 };

describe("workspace: tidying", () => {
  let at: Fixture;
  afterEach(() => at.remove());

  const tidied = async (sessions: string[], limits = atOnce) => await tidy(at.dataDir, () => Promise.resolve(sessions), limits);
  const shadow = (): string => placesOf(at.dataDir, at.path).shadow;
  const holds = (object: string): boolean => {
    try {
      return gitIn(shadow(), "cat-file", "-t", object) !== "";
    } catch {
      return false;
    }
  };
  const isWhole = (): void => void gitIn(shadow(), "fsck", "--strict", "--no-dangling");
  const snapshotBy = async (sessionId: string): Promise<Commit> => {
    const taken = await at.port.snapshot(sessionId, at.path);
    assert.ok(taken.ok);
    return taken.value.commit;
  };

  it("snapshots of sessions that are gone go, loose and packed; all that one on record needs stays", async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`many/${i}`, `content ${i}\n`]));
    at = makeFixture({ ...many, a: "mine\n" });
    const gone = await snapshotBy("s_gone");
    rmSync(join(at.path, "many"), { recursive: true });
    const kept = await snapshotBy("s_kept");
    const folder = await at.port.openWorktree("s_kept", at.path, "t_1", kept);
    writeFiles(folder, { a: "theirs\n", "new/file": "new\n" });
    const work = await at.port.commitWorktree("s_kept", at.path, "t_1", kept, "the work");
    writeFiles(folder, { unmerged: "not committed\n" });
    const before = (await snapshotBytes(at.dataDir)).bytes;
    await tidied(["s_kept"]);
    assert.ok(!holds(gone) && holds(kept) && holds(work));
    isWhole();
    assert.ok((await snapshotBytes(at.dataDir)).bytes < before);
    const { bytes, above } = await snapshotBytes(at.dataDir, { budget: 0 });
    assert.deepEqual([above, (await snapshotBytes(at.dataDir, { budget: bytes })).above], [[{ workspace: at.path, bytes }], []]);
    assert.equal(await at.port.openWorktree("s_kept", at.path, "t_1", kept), folder);
    const after = await at.port.commitWorktree("s_kept", at.path, "t_1", work, "the rest");
    assert.deepEqual((await at.port.diff("s_kept", at.path, kept, after)).files.map(({ path }) => path).toSorted(), [
      "a",
      "new/file",
      "unmerged",
    ]);
  });

  it("the next snapshot is whole though the one before is gone: what the index remembers is kept", async () => {
    at = makeFixture({ a: "a\n", "b/c": "c\n" });
    const gone = await snapshotBy("s_gone");
    await at.port.forget("s_gone", at.path);
    await tidied([]);
    assert.ok(!holds(gone));
    writeFiles(at.path, { d: "d\n" });
    assert.deepEqual(await at.filesOf(await at.snapshot()), { a: "a\n", "b/c": "c\n", d: "d\n" });
    isWhole();
  });

  it("contents stay for some days, and above the budget for less", async () => {
    at = makeFixture({ a: "a\n" });
    const gone = await snapshotBy("s_gone");
    await at.port.forget("s_gone", at.path);
    await tidied([], { ...tidyLimits, litter: 0 });
    assert.ok(holds(gone));
    await tidied([], { ...tidyLimits, litter: 0, budget: 0 });
    assert.ok(!holds(gone));
  });

  it("folders, plans and staging files of what is gone go, and nothing of a session on record or that just begins", async () => {
    at = makeFixture({ a: "a\n" });
    for (const session of ["s_gone", "s_kept"]) {
      const from = await snapshotBy(session);
      await at.port.openWorktree(session, at.path, "t_1", from);
      const places = placesOf(at.dataDir, at.path);
      mkdirSync(join(places.landings, session), { recursive: true });
      const aside = `.ao-${session}-0`;
      const plan = { id: session, begunAt: 0, steps: [{ path: "a", aside }], makes: [] };
      writeFileSync(join(places.landings, session, "plan.json"), JSON.stringify(plan));
      writeFiles(at.path, { [aside]: "half\n" });
    }
    const places = placesOf(at.dataDir, at.path);
    const litter = [
      join(places.temp, "index-00"),
      join(places.temp, "git-00"),
      `${places.shadow}.0123456789ab`,
      join(at.dataDir, "probe-x"),
      join(at.dataDir, "worktrees", "s_lost"),
    ];
    for (const one of litter) mkdirSync(one, { recursive: true });
    const ofSession = (session: string): string[] => [
      join(at.dataDir, "worktrees", session, "t_1", "a"),
      join(places.home, "tasks", session),
      join(places.landings, session),
      join(places.shadow, "refs", "ao", session),
      join(at.path, `.ao-${session}-0`),
    ];
    const there = (paths: string[]): boolean[] => paths.map((path) => existsSync(path));
    await tidied(["s_kept"], { ...atOnce, litter: tidyLimits.litter });
    assert.deepEqual(there(ofSession("s_gone")), [true, true, true, true, true], "it may just begin");
    await tidied(["s_kept"]);
    assert.deepEqual(there(ofSession("s_gone")), [false, false, false, false, false]);
    assert.deepEqual(there(ofSession("s_kept")), [true, true, true, true, true]);
    assert.deepEqual(
      there(litter),
      litter.map(() => false),
    );
    assert.ok(existsSync(join(at.path, "a")));
  });

  it("a workspace that is no more, and that no session on record was in, goes as a whole", async () => {
    at = makeFixture({ a: "a\n" });
    await snapshotBy("s_1");
    const { home } = placesOf(at.dataDir, at.path);
    renameSync(at.path, join(dirname(at.path), "elsewhere"));
    await tidied(["s_1"]);
    assert.ok(existsSync(home));
    await tidied([]);
    assert.ok(!existsSync(home));
  });

  it("nothing is done where somebody works, and the mark of a process that is dead does not count", async () => {
    at = makeFixture({ a: "a\n" });
    const gone = await snapshotBy("s_gone");
    const places = placesOf(at.dataDir, at.path);
    await working(places, async () => {
      assert.deepEqual(await tidied([]), { removed: [], busy: [at.path] });
      assert.ok(holds(gone));
    });
    const ended = spawn(process.execPath, ["-e", "0"]);
    await once(ended, "exit");
    writeFileSync(join(places.working, `work-${ended.pid}-1-00`), "");
    assert.deepEqual((await tidied([])).busy, []);
    assert.deepEqual(readdirSync(places.working), []);
  });

  it("another process works meanwhile, and it is killed in the middle, again and again: no snapshot on record loses anything", async function () {
    if (process.platform === "win32") this.skip();
    this.timeout(180_000);
    at = makeFixture(Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`f${i}`, `${i}\n`])));
    const commits: Commit[] = [await at.snapshot()];
    const gone: Commit[] = [];
    for (let life = 0; life < 5; life++) {
      const child = spawn(process.execPath, [program, at.dataDir, "s"], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const ended = once(child, "close");
      for (let round = 0; !said.includes("tidied") || round < 2 + life; round++) {
        writeFiles(at.path, { [`f${round % 7}`]: `${life} ${round}\n`, [`n${life}`]: `${round}\n` });
        const base = await at.snapshot();
        gone.push(await snapshotBy("s_gone"));
        commits.push(base, await at.change(base, { [`w${life}`]: `${round}\n` }));
        await at.port.closeWorktree("s", at.path, "t_change1");
        await at.port.forget("s_gone", at.path);
        if (child.exitCode !== null) break;
      }
      assert.equal(child.exitCode, null, said);
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    }
    isWhole();
    for (const commit of commits) assert.ok(holds(`${commit}^{tree}`), commit);
    assert.deepEqual((await tidied(["s"])).busy, []);
    isWhole();
    for (const commit of commits) assert.ok(holds(commit));
    assert.ok(gone.filter((commit) => !commits.includes(commit)).every((commit) => !holds(commit)));
    assert.deepEqual(
      readdirSync(join(shadow(), "objects", "pack")).filter((name) => name.startsWith("tmp_") || name.startsWith(".tmp")),
      [],
    );
  });

  it("a program does it beside its work, once a day, and not where no session is on record", async () => {
    at = makeFixture({ a: "a\n" });
    await snapshotBy("s_gone");
    const litter = join(placesOf(at.dataDir, at.path).temp, "git-00");
    mkdirSync(litter, { recursive: true });
    const record = await openRecord({ AO_DATA_DIR: at.dataDir });
    let looks = 0;
    const store: Pick<StorePort, "listSessions"> = {
      listSessions: async (query) => {
        looks++;
        return await record.listSessions(query);
      },
    };
    const run = async (isDone: () => boolean): Promise<void> => {
      const stop = keepTidy(at.dataDir, store, 0);
      while (!isDone()) await setTimeout(5);
      stop();
    };
    const stamp = join(at.dataDir, "tidied");
    await run(() => looks === 1);
    assert.ok(existsSync(litter) && !existsSync(stamp));
    await record.append("s_1", [created("s_1", "a session", at.path)]);
    await run(() => existsSync(stamp));
    assert.ok(!existsSync(litter));
    const before = looks;
    mkdirSync(litter);
    utimesSync(stamp, new Date(), new Date(Date.now() - 23 * 3_600_000));
    const stop = keepTidy(at.dataDir, store, 0);
    for (let turn = 0; turn < 20; turn++) await setTimeout(0);
    stop();
    assert.ok(existsSync(litter) && looks === before);
    await record.close();
  });
});

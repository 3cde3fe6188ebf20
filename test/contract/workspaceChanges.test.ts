// Proposed changes taken or refused file by file and hunk by hunk, through the engine, on a real folder: the rest stays
// proposed, what people edit stays, and the record says exactly what became of each part (A10).

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ChangePart } from "../../src/protocol/events.ts";
import type { CommandAnswer } from "../../src/protocol/commands.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { Result } from "../../src/protocol/result.ts";
import { pendingApprovals } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { lockFolder } from "../support/smallDisk.ts";
import { codeOf, folderWorld, type FolderWorld, lines, valueOf } from "../support/folderWorld.ts";

const files = { a: lines(), b: "b\n", gone: "g\n" };
const edit = { put: { a: lines({ 2: "two", 20: "twenty", 38: "end" }), b: "B\n", n: "n\n" }, gone: ["gone"] };

describe("workspace: changes in parts", () => {
  let world: FolderWorld;
  let sessionId: string;
  afterEach(() => world.at.remove());

  const begin = async (git = false): Promise<void> => {
    world = await folderWorld(files, { git });
    sessionId = await world.run(edit);
  };
  const apply = async (only?: ChangePart[]): Promise<Result<CommandAnswer["changes.apply"]>> =>
    await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user", ...(only ? { only } : {}) });
  const discard = async (only?: ChangePart[]): Promise<Result<CommandAnswer["changes.discard"]>> =>
    await world.engine.dispatch({ type: "changes.discard", sessionId, by: "user", ...(only ? { only } : {}) });
  const replayed = async (): Promise<void> => {
    const events = await world.store.read(sessionId, {});
    assert.equal(canonicalJson(reduceAll(events)), canonicalJson(await world.state(sessionId)));
  };

  for (const git of [false, true])
    it(`takes some hunks and files, gives up others, and is done with the last one (${git ? "a repository" : "a plain folder"})`, async () => {
      await begin(git);
      const proposed = await world.state(sessionId);
      assert.equal(proposed.status, "waiting");
      assert.deepEqual(valueOf(await apply([{ path: "a", hunks: [1] }])), { files: ["a"], conflicts: [] });
      assert.deepEqual(world.files(), { ...files, a: lines({ 20: "twenty" }) });
      assert.deepEqual(valueOf(await discard([{ path: "a", hunks: [0] }, { path: "b" }])), { files: ["a", "b"] });
      assert.deepEqual(valueOf(await apply([{ path: "gone" }])), { files: ["gone"], conflicts: [] });
      const midway = await world.state(sessionId);
      assert.equal(midway.status, "waiting");
      assert.equal(pendingApprovals(midway).length, 1);
      assert.deepEqual(midway.landing?.parts, [
        { path: "a", hunks: [1], decision: "applied" },
        { path: "a", hunks: [0], decision: "discarded" },
        { path: "b", decision: "discarded" },
        { path: "gone", decision: "applied" },
      ]);

      assert.deepEqual(valueOf(await apply()), { files: ["a", "n"], conflicts: [] });
      const { gone: _gone, ...rest } = files;
      assert.deepEqual(world.files(), { ...rest, a: lines({ 20: "twenty", 38: "end" }), n: "n\n" });
      const state = await world.state(sessionId);
      assert.deepEqual([state.status, state.landing?.decision, state.run?.status], ["done", "applied", "done"]);
      assert.equal(pendingApprovals(state).length, 0);
      const done = (await world.store.read(sessionId, {})).find((event) => event.type === "landing.done");
      assert.deepEqual((done!.payload as { files: string[] }).files, ["a", "gone", "n"]);
      // What was landed is the base with the applied parts, not all that was proposed.
      assert.equal(state.head, state.base);
      assert.deepEqual(await world.at.filesOf(state.base!), world.files());
      assert.notEqual(state.base, state.landing?.commit);
      assert.equal(codeOf(await apply()), "nothing_to_do");
      assert.equal(codeOf(await discard([{ path: "a" }])), "nothing_to_do");
      await replayed();
    });

  it("a run that was to apply its result, and cannot, leaves it open and says what is in the way", async function () {
    if (process.platform === "win32") this.skip();
    world = await folderWorld(files);
    const locked = join(world.at.path, "locked");
    mkdirSync(locked);
    const unlock = lockFolder(locked);
    if (!unlock) this.skip();
    try {
      sessionId = await world.run({ put: { a: "A\n", "locked/n": "n\n" } }, await world.create({ apply: true }));
      const { status, run, landing } = await world.state(sessionId);
      assert.deepEqual([status, landing?.decision], ["waiting", undefined]);
      assert.match(run?.reason ?? "", /^locked\/n cannot be written: its folder is read-only\. Nothing was changed\.$/);
      assert.equal(codeOf(await apply([{ path: "locked/n" }])), "not_written");
      assert.deepEqual(world.files(), files);
    } finally {
      unlock();
    }
    valueOf(await apply());
    assert.deepEqual(world.files(), { ...files, a: "A\n", "locked/n": "n\n" });
    await replayed();
  });

  it("is discarded when every part was given up, and nothing was written", async () => {
    await begin();
    for (const path of ["a", "b", "gone"]) valueOf(await discard([{ path }]));
    assert.equal((await world.state(sessionId)).status, "waiting");
    valueOf(await discard([{ path: "n", hunks: [0] }]));
    const state = await world.state(sessionId);
    assert.deepEqual([state.status, state.landing?.decision], ["done", "discarded"]);
    assert.equal(state.landed, undefined);
    assert.deepEqual(world.files(), files);
  });

  it("with the rest given up stays applied as far as it was", async () => {
    await begin();
    valueOf(await apply([{ path: "n" }]));
    assert.deepEqual(valueOf(await discard()), { files: ["a", "b", "gone"] });
    assert.equal((await world.state(sessionId)).landing?.decision, "applied");
    assert.deepEqual(world.files(), { ...files, n: "n\n" });
  });

  it("a whole file stands for the hunks of it that are left", async () => {
    await begin();
    valueOf(await discard([{ path: "a", hunks: [2] }]));
    valueOf(await apply([{ path: "a" }]));
    assert.equal(world.files()["a"], lines({ 2: "two", 20: "twenty" }));
    assert.equal(codeOf(await apply([{ path: "a" }])), "already_answered");
  });

  it("refuses what it does not know or was decided already, and writes nothing", async () => {
    await begin();
    valueOf(await discard([{ path: "b" }, { path: "a", hunks: [1] }]));
    const { seq } = await world.state(sessionId);
    const wrong: [ChangePart[], string, RegExp][] = [
      [[], "invalid", /at least one/],
      [[{ path: "n" }, { path: "x" }], "not_found", /x is not among the changes/],
      [[{ path: "n" }, { path: "../n" }], "not_found", /not among/],
      [[{ path: "n" }, { path: "b" }], "already_answered", /b was decided already/],
      [[{ path: "n" }, { path: "a", hunks: [0, 1] }], "already_answered", /Hunk 1 of a/],
      [[{ path: "a", hunks: [3] }], "not_found", /no hunk 3: it has 3, counted from 0/],
      [[{ path: "a", hunks: [-1] }], "not_found", /no hunk -1/],
      [[{ path: "a", hunks: [0.5] }], "not_found", /no hunk 0.5/],
      [[{ path: "a", hunks: [] }], "invalid", /name no hunks/],
    ];
    for (const [only, code, message] of wrong)
      for (const answer of [await apply(only), await discard(only)]) {
        assert.ok(!answer.ok);
        assert.equal(answer.error.code, code);
        assert.match(answer.error.message, message);
      }
    assert.deepEqual(world.files(), files);
    assert.equal((await world.state(sessionId)).seq, seq, "nothing was recorded");
  });

  it("a conflict writes nothing, names the file and leaves the part open", async () => {
    await begin();
    world.edit({ put: { a: lines({ 2: "mine", 30: "my own" }) } });
    const before = world.files();
    assert.deepEqual(valueOf(await apply([{ path: "a", hunks: [0] }, { path: "b" }])), { files: [], conflicts: ["a"] });
    assert.deepEqual(world.files(), before);
    assert.deepEqual((await world.state(sessionId)).landing?.parts ?? [], []);
    valueOf(await apply([{ path: "a", hunks: [1] }]));
    assert.equal(world.files()["a"], lines({ 2: "mine", 20: "twenty", 30: "my own" }));
    assert.deepEqual(valueOf(await apply()), { files: [], conflicts: ["a"] });
    assert.equal((await world.state(sessionId)).status, "waiting");
    valueOf(await discard([{ path: "a", hunks: [0] }]));
    assert.deepEqual(valueOf(await apply()).conflicts, []);
    assert.equal(world.files()["a"], lines({ 2: "mine", 20: "twenty", 30: "my own", 38: "end" }));
    await replayed();
  });

  it("a part that the person took out again is not brought back by the next", async () => {
    await begin();
    valueOf(await apply([{ path: "a", hunks: [0] }]));
    world.edit({ put: { a: lines() } });
    valueOf(await apply([{ path: "a", hunks: [2] }]));
    assert.equal(world.files()["a"], lines({ 38: "end" }));
  });

  it("the same part asked for twice at once is taken once", async () => {
    await begin();
    const answers = await Promise.all([apply([{ path: "b" }]), apply([{ path: "b" }]), apply([{ path: "n" }])]);
    assert.deepEqual(answers.map(codeOf), ["ok", "already_answered", "ok"]);
    assert.equal((await world.state(sessionId)).landed?.length, 2);
  });

  it("a run that goes on waits until the last part is decided", async () => {
    world = await folderWorld(files, { attended: true });
    sessionId = await world.create();
    const decided: string[] = [];
    const decide = async (): Promise<void> => {
      valueOf(await apply([{ path: "b" }]));
      decided.push((await world.state(sessionId)).status);
      valueOf(await apply([{ path: "n" }, { path: "a" }]));
      decided.push((await world.state(sessionId)).status);
      valueOf(await discard());
    };
    let deciding: Promise<void> | undefined;
    await world.engine.follow(sessionId, 0, (event) => {
      if (event.type === "approval.requested") deciding ??= decide();
    });
    await world.run(edit, sessionId);
    await deciding;
    assert.deepEqual(decided, ["running", "running"]);
    const state = await world.state(sessionId);
    assert.deepEqual([state.status, state.landing?.decision], ["done", "applied"]);
    assert.deepEqual(world.files(), { ...files, a: edit.put.a, b: "B\n", n: "n\n" });
  });

  it("cut before it is on record, a part is open still, and taking it again does no harm", async () => {
    const store = createMemoryStore();
    let cut = false;
    const append: typeof store.append = async (id, events) => {
      cut ||= events.some((event) => event.type === "landing.part");
      if (cut) throw new Error("the process ended");
      await store.append(id, events);
    };
    world = await folderWorld(files, { store: { ...store, append } });
    sessionId = await world.run(edit);
    assert.equal(codeOf(await apply([{ path: "a", hunks: [0] }])), "not_recorded");
    world.edit({ put: { b: "mine\n" } });
    world = await folderWorld(files, { store, at: world.at });
    assert.equal((await world.state(sessionId)).landing?.parts, undefined);
    valueOf(await apply([{ path: "a", hunks: [0, 2] }]));
    valueOf(await discard());
    assert.deepEqual(world.files(), { ...files, a: lines({ 2: "two", 38: "end" }), b: "mine\n" });
    assert.equal((await world.state(sessionId)).landed?.length, 1);
  });

  it("what still waits goes on with the next prompt, on top of the files as they are then", async () => {
    await begin();
    valueOf(await apply([{ path: "b" }]));
    valueOf(await discard([{ path: "a", hunks: [1] }, { path: "gone" }]));
    world.edit({ put: { mine: "m\n", a: lines({ 10: "ten" }) } });
    const seen = lines({ 2: "two", 10: "ten", 38: "end" });
    await world.run({ put: { c: "c\n" } }, sessionId);
    const state = await world.state(sessionId);
    assert.deepEqual(state.landing?.files.map((file) => file.path).toSorted(), ["a", "c", "n"]);
    assert.equal(pendingApprovals(state).length, 1, "the first question is settled");
    assert.equal(state.history.length, 1, "what was answered then is known");
    assert.deepEqual(world.files(), { ...files, a: lines({ 10: "ten" }), b: "B\n", mine: "m\n" });
    valueOf(await apply());
    assert.deepEqual(world.files(), { ...files, a: seen, b: "B\n", c: "c\n", mine: "m\n", n: "n\n" });
    assert.equal((await world.state(sessionId)).status, "done");
    await replayed();
  });

  it("a prompt while the run waits for that word ends it with the changes open, and goes on with them", async () => {
    world = await folderWorld(files, { attended: true });
    sessionId = await world.create();
    const asked: string[] = [];
    const further = { type: "session.run", sessionId, prompt: "Fix the typo in README.md" } as const;
    let next: Promise<string[]> | undefined;
    await world.engine.follow(sessionId, 0, (event) => {
      if (event.type !== "approval.requested") return;
      asked.push(event.id);
      // Of two prompts at once one is taken.
      if (asked.length === 1) next = Promise.all([1, 2].map(() => world.engine.dispatch(further).then(codeOf)));
      else void apply();
    });
    await world.run(edit, sessionId);
    assert.deepEqual((await next!).toSorted(), ["busy", "ok"]);
    const state = await world.state(sessionId);
    assert.deepEqual([asked.length, state.runs, state.status, state.landing?.decision], [2, 2, "done", "applied"]);
    assert.deepEqual(world.files(), { a: edit.put.a, b: "B\n", n: "n\n" });
  });

  it("a question in between leaves what waits waiting", async () => {
    await begin();
    await world.run({}, sessionId, "What is this project?");
    const state = await world.state(sessionId);
    assert.equal(state.status, "waiting");
    assert.deepEqual(state.landing?.files.map((file) => file.path).toSorted(), ["a", "b", "gone", "n"]);
    valueOf(await apply());
    assert.deepEqual(world.files(), { a: edit.put.a, b: "B\n", n: "n\n" });
  });

  it("what waited for a person's word is not taken by a run that may apply its own result", async () => {
    await begin();
    const wide = { type: "session.run", sessionId, prompt: "Fix the typo in README.md", level: "bypass" } as const;
    valueOf(await world.engine.dispatch(wide));
    const { status, run } = await world.state(sessionId);
    assert.equal(status, "waiting");
    assert.match(run!.reason!, /an earlier run proposed and you have not answered/);
    assert.deepEqual(world.files(), files);
  });

  it("what does not fit the files any more has to be decided before the next prompt", async () => {
    await begin();
    world.edit({ put: { a: lines({ 2: "mine" }) } });
    const { seq } = await world.state(sessionId);
    const next = { type: "session.run", sessionId, prompt: "Fix the typo in README.md" } as const;
    const refused = await world.engine.dispatch(next);
    assert.ok(!refused.ok);
    assert.deepEqual([refused.error.code, /\(a\): join them by hand and say so/.test(refused.error.message)], ["conflict", true]);
    const state = await world.state(sessionId);
    assert.deepEqual([state.seq, state.status, pendingApprovals(state).length], [seq, "waiting", 1]);
    valueOf(await discard([{ path: "a", hunks: [0] }]));
    await world.run({ put: { c: "c\n" } }, sessionId);
    valueOf(await apply());
    assert.equal(world.files()["a"], lines({ 2: "mine", 20: "twenty", 38: "end" }));
  });

  it("a further run begins at what is there, and its landing knows nothing of the parts before", async () => {
    await begin();
    valueOf(await apply([{ path: "b" }]));
    valueOf(await discard());
    await world.run({ put: { b: "again\n" } }, sessionId);
    const state = await world.state(sessionId);
    assert.deepEqual(
      state.landing?.files.map((file) => file.path),
      ["b"],
    );
    assert.equal(state.landing?.parts, undefined);
    valueOf(await apply());
    assert.deepEqual(world.files(), { ...files, b: "again\n" });
  });
});

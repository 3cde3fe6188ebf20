// Back to a checkpoint, through the engine, on a real folder: what the session did since is gone, what people edited
// before, between and after stays, a clash changes nothing, and every way back can be undone (A10).

import assert from "node:assert/strict";
import type { StorePort } from "../../src/core/ports.ts";
import type { CommandAnswer } from "../../src/protocol/commands.ts";
import type { RollbackPart } from "../../src/protocol/events.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { Result } from "../../src/protocol/result.ts";
import type { Checkpoint } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { codeOf, folderWorld, type FolderWorld, lines, valueOf } from "../support/folderWorld.ts";

const files = { a: lines(), b: "b\n", "d/gone": "g\n" };
const first = { put: { a: lines({ 2: "two" }), "n/new": "n\n" }, gone: ["d/gone"] };

describe("workspace: back to a checkpoint", () => {
  let world: FolderWorld;
  let sessionId: string;
  afterEach(() => world.at.remove());

  const apply = async (): Promise<void> => {
    const { conflicts } = valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user" }));
    assert.deepEqual(conflicts, []);
  };
  const checkpoints = async (name: RegExp): Promise<Checkpoint[]> =>
    (await world.state(sessionId)).checkpoints.filter((one) => name.test(one.name));
  const back = async (to: Checkpoint | undefined, what?: RollbackPart): Promise<Result<CommandAnswer["session.rollback"]>> => {
    assert.ok(to, "there is such a checkpoint");
    return await world.engine.dispatch({ type: "session.rollback", sessionId, to: to.checkpointId, ...(what ? { what } : {}), by: "user" });
  };
  const replayed = async (): Promise<void> => {
    const events = await world.store.read(sessionId, {});
    assert.equal(canonicalJson(reduceAll(events)), canonicalJson(await world.state(sessionId)));
  };

  for (const git of [false, true])
    it(`keeps people's edits on every way, there and back again (${git ? "a repository" : "a plain folder"})`, async () => {
      world = await folderWorld(files, { git });
      world.edit({ put: { early: "e\n" } });
      sessionId = await world.run(first);
      await apply();
      world.edit({ put: { a: lines({ 2: "two", 20: "between" }), b: "B\n" } });
      await world.run({ put: { a: lines({ 2: "two", 20: "between", 38: "second" }), c: "c\n" } }, sessionId);
      await apply();
      world.edit({ put: { a: lines({ 2: "two", 10: "after", 20: "between", 38: "second" }) }, gone: ["early"] });
      const all = world.files();
      const [beforeFirst, beforeSecond] = await checkpoints(/^before: Fix/);
      const [afterFirst] = await checkpoints(/^after: /);

      assert.deepEqual(valueOf(await back(beforeSecond)), { files: ["a", "c"], conflicts: [] });
      const second = { a: lines({ 2: "two", 10: "after", 20: "between" }), b: "B\n", "n/new": "n\n" };
      assert.deepEqual(world.files(), second);
      assert.deepEqual(valueOf(await back(afterFirst)), { files: [], conflicts: [] }, "it is there already");

      assert.deepEqual(valueOf(await back(beforeFirst)).conflicts, []);
      const start = { a: lines({ 10: "after", 20: "between" }), b: "B\n", "d/gone": "g\n" };
      assert.deepEqual(world.files(), start);
      assert.deepEqual(valueOf(await back(beforeFirst)), { files: [], conflicts: [] });

      world.edit({ put: { late: "l\n" } });
      const [undoFirst, undoSecond] = await checkpoints(/^before: going back/);
      assert.deepEqual(valueOf(await back(undoSecond)).conflicts, []);
      assert.deepEqual(world.files(), { ...second, late: "l\n" });
      assert.deepEqual(valueOf(await back(undoFirst)).conflicts, []);
      assert.deepEqual(world.files(), { ...all, late: "l\n" });
      assert.deepEqual(valueOf(await back(beforeFirst)).conflicts, []);
      assert.deepEqual(world.files(), { ...start, late: "l\n" });
      const undoOfUndo = (await checkpoints(/^before: going back/)).at(-1);
      assert.deepEqual(valueOf(await back(undoOfUndo)).conflicts, []);
      assert.deepEqual(world.files(), { ...all, late: "l\n" });
      await replayed();
    });

  it("where both sides changed the same lines nothing is changed and the files are named", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    await apply();
    world.edit({ put: { a: lines({ 2: "mine" }), "n/new": "also mine\n" } });
    const before = world.files();
    const [start] = await checkpoints(/^before: Fix/);
    const answer = valueOf(await back(start));
    assert.deepEqual([answer.files, answer.conflicts.toSorted()], [[], ["a", "n/new"]]);
    assert.deepEqual(world.files(), before);
    assert.equal((await checkpoints(/going back/)).length, 0);
    assert.equal((await world.state(sessionId)).landing?.decision, "applied");
    world.edit({ put: { a: lines({ 2: "two" }), "n/new": "n\n" } });
    assert.deepEqual(valueOf(await back(start)).conflicts, []);
    assert.deepEqual(world.files(), files);
    await replayed();
  });

  it("does not clash with an edit where the session's changes end as they were at the checkpoint", async () => {
    world = await folderWorld(files);
    sessionId = await world.run({ put: { a: lines({ 2: "two" }) } });
    await apply();
    world.edit({ put: { a: lines({ 2: "two, by hand" }) } });
    const [after] = await checkpoints(/^after: /);
    assert.deepEqual(valueOf(await back(after)), { files: [], conflicts: [] });
    assert.deepEqual(world.files()["a"], lines({ 2: "two, by hand" }));
  });

  it("does not go into a run: what was not approved, and what was refused, stays out of the user's files", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    const step = (await world.state(sessionId)).checkpoints.find((one) => one.from);
    const stays = async (): Promise<void> => {
      const answer = await back(step);
      assert.equal(codeOf(answer), "invalid");
      assert.ok(!answer.ok && /never in your files.* ao apply /.test(answer.error.message));
    };
    await stays();
    assert.deepEqual(world.files(), files);
    valueOf(await world.engine.dispatch({ type: "changes.discard", sessionId, by: "user", only: [{ path: "a" }] }));
    await apply();
    const without = { a: files.a, b: "b\n", "n/new": "n\n" };
    assert.deepEqual(world.files(), without);
    await stays();
    assert.deepEqual(world.files(), without);
    await replayed();
  });

  describe("the session goes back with the files", () => {
    const known = async (prompt: string): Promise<string> => {
      await world.run({ put: { [prompt]: "x" } }, sessionId, `Fix the typo in ${prompt}.md`);
      return world.asked.findLast((asked) => asked.includes(`Fix the typo in ${prompt}.md`))!;
    };
    const begin = async (): Promise<void> => {
      world = await folderWorld(files);
      sessionId = await world.run(first);
      await apply();
      await known("second");
      await apply();
    };

    it("and later prompts know nothing of what was asked since, until that is undone", async () => {
      await begin();
      const [, beforeSecond] = await checkpoints(/^before: Fix/);
      valueOf(await back(beforeSecond));
      assert.deepEqual(
        (await world.state(sessionId)).history.map(({ prompt }) => prompt),
        ["Fix the typo in README.md"],
      );
      const [undo] = await checkpoints(/^before: going back/);
      const third = await known("third");
      assert.ok(third.includes("README.md") && !third.includes("second.md"));
      await replayed();
      await apply();
      valueOf(await back(undo));
      assert.ok("second" in world.files() && !("third" in world.files()));
      const prompts = (await world.state(sessionId)).history.map(({ prompt }) => prompt);
      assert.deepEqual(prompts, ["Fix the typo in README.md", "Fix the typo in second.md"]);
      assert.ok(!(await known("fourth")).includes("third.md"));
      await replayed();
    });

    it("or without them, or they without it", async () => {
      await begin();
      const [start] = await checkpoints(/^before: Fix/);
      const all = world.files();
      assert.deepEqual(valueOf(await back(start, "state")), { files: [], conflicts: [] });
      assert.deepEqual(world.files(), all);
      assert.deepEqual((await world.state(sessionId)).history, []);
      valueOf(await back((await checkpoints(/^before: going back/)).at(-1), "state"));
      assert.equal((await world.state(sessionId)).history.length, 2);
      valueOf(await back(start, "files"));
      assert.deepEqual(world.files(), files);
      assert.equal((await world.state(sessionId)).history.length, 2);
      await replayed();
    });

    it("and a run that it goes back to before proposes and asks nothing any more", async () => {
      world = await folderWorld(files);
      sessionId = await world.run(first);
      const [start] = await checkpoints(/^before: Fix/);
      valueOf(await back(start));
      const { landing, run, approvals } = await world.state(sessionId);
      assert.deepEqual([landing, run?.past], [undefined, "rewound"]);
      assert.ok(Object.values(approvals).every(({ resolution }) => resolution));
      const resumed = await world.engine.dispatch({ type: "session.run", sessionId });
      assert.ok(!resumed.ok && /taken back to before that run/.test(resumed.error.message));
      const [undo] = await checkpoints(/^before: going back/);
      valueOf(await back(undo));
      assert.equal((await world.state(sessionId)).landing?.files.length, 3, "it waits again");
      valueOf(await back(start));
      assert.ok(!(await known("next")).includes("Earlier in this session"));
      await apply();
      assert.deepEqual(world.files(), { ...files, next: "x" });
      await replayed();
    });
  });

  it("takes back a landing in parts; what was applied is proposed again where the session itself stays", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    for (const path of ["a", "n/new"])
      valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user", only: [{ path }] }));
    const [start] = await checkpoints(/^before: Fix/);
    assert.deepEqual(valueOf(await back(start, "files")).files.toSorted(), ["a", "n/new"]);
    assert.deepEqual(world.files(), files);
    const { landing } = await world.state(sessionId);
    assert.deepEqual([landing?.decision, landing?.parts, landing?.taken], [undefined, [], undefined]);
    await apply();
    assert.deepEqual(world.files(), { a: first.put.a, b: "b\n", "n/new": "n\n" });
    await replayed();
  });

  it("takes off only what was written: what the user had done in the same way stays theirs", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    world.edit({ put: { "n/new": "n\n" } });
    await apply();
    const [start] = await checkpoints(/^before: Fix/);
    assert.deepEqual(valueOf(await back(start)).files.toSorted(), ["a", "d/gone"]);
    assert.deepEqual(world.files(), { ...files, "n/new": "n\n" });
    await replayed();
  });

  it("a landing that was taken back counts as refused, and as applied when that is undone", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    await apply();
    const applied = await world.state(sessionId);
    const [start] = await checkpoints(/^before: Fix/);
    valueOf(await back(start));
    const taken = await world.state(sessionId);
    assert.deepEqual([taken.landing?.decision, taken.base], ["discarded", start!.commit]);
    const [undo] = await checkpoints(/going back/);
    valueOf(await back(undo));
    const undone = await world.state(sessionId);
    assert.deepEqual([undone.landing?.decision, undone.base], ["applied", applied.base]);
  });

  it("a further run begins at the files as they are then", async () => {
    world = await folderWorld(files);
    sessionId = await world.run(first);
    await apply();
    const [start] = await checkpoints(/^before: Fix/);
    valueOf(await back(start));
    await world.run({ put: { b: "B\n" } }, sessionId);
    await apply();
    assert.deepEqual(world.files(), { ...files, b: "B\n" });
    valueOf(await back(start));
    assert.deepEqual(world.files(), files);
  });

  for (const [what, type] of [
    ["a way back", "rollback.done"],
    ["a landing", "landing.done"],
    ["a part", "landing.part"],
  ] as const)
    for (const isReadable of [true, false])
      it(`${what} that cannot be recorded is taken back ${isReadable ? "at once" : "at the next occasion"}`, async () => {
        const store = createMemoryStore();
        let cut = false;
        const whole = async <T>(work: () => Promise<T>): Promise<T> => {
          if (cut && !isReadable) throw new Error("the store is gone");
          return await work();
        };
        const cutting: StorePort = {
          ...store,
          read: (...args) => whole(() => store.read(...args)),
          append: async (id, events) => {
            if (events.some((event) => event.type === type)) cut = true;
            if (cut) throw new Error("the store is gone");
            await store.append(id, events);
          },
        };
        world = await folderWorld(files, { store: cutting });
        sessionId = await world.run(first);
        if (type === "rollback.done") await apply();
        world.edit({ put: { b: "mine\n" } });
        const before = world.files();
        const [start] = await checkpoints(/^before: Fix/);
        const only = type === "landing.part" ? { only: [{ path: "a" }] } : {};
        const act = async (): Promise<Result<unknown>> =>
          type === "rollback.done"
            ? await back(start)
            : await world.engine.dispatch({ type: "changes.apply", sessionId, by: "user", ...only });
        assert.equal(codeOf(await act()), "not_recorded");
        if (isReadable) assert.deepEqual(world.files(), before);
        else assert.notDeepEqual(world.files(), before);

        world = await folderWorld(files, { store, at: world.at });
        if (type !== "rollback.done") {
          valueOf(await world.engine.dispatch({ type: "changes.discard", sessionId, by: "user" }));
          assert.deepEqual(world.files(), before, "what is refused is not in the files");
          return;
        }
        valueOf(await act());
        assert.deepEqual(world.files(), { ...files, b: "mine\n" });
        valueOf(await back((await checkpoints(/going back/)).at(-1)));
        assert.deepEqual(world.files(), before);
      });

  it("refuses an unknown checkpoint, and a session that runs", async () => {
    world = await folderWorld(files, { attended: true });
    sessionId = await world.create();
    const unknown = { type: "session.rollback", sessionId, to: "k_none", by: "user" } as const;
    const answer = await world.engine.dispatch(unknown);
    assert.ok(!answer.ok);
    assert.deepEqual([answer.error.code, /see: ao checkpoints/.test(answer.error.message)], ["not_found", true]);
    const answers: Promise<string>[] = [];
    await world.engine.follow(sessionId, 0, (event) => {
      if (event.type !== "approval.requested") return;
      answers.push(world.engine.dispatch(unknown).then(codeOf));
      void answers[0]!.then(() => world.engine.dispatch({ type: "changes.discard", sessionId, by: "user" }));
    });
    await world.run(first, sessionId);
    assert.deepEqual(await Promise.all(answers), ["busy"]);
  });
});

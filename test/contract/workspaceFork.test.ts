// A fork: another session with the same past. It goes on by itself, knows what was said, has all that its past needs
// even when the source is gone, and is there whole or not at all.

import assert from "node:assert/strict";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { StorePort } from "../../src/core/ports.ts";
import { eventId } from "../../src/protocol/events.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import { pendingApprovals } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { codeOf, folderWorld, type FolderWorld, lines, valueOf } from "../support/folderWorld.ts";
import { gitIn } from "../support/gitProject.ts";
import { makeTempDir } from "../support/tempDir.ts";

const files = { a: lines(), b: "b\n" };
const first = { put: { a: lines({ 2: "two" }) } };

const stores: [string, () => Promise<{ store: StorePort; end: () => Promise<void> }>][] = [
  [
    "in memory",
    () => {
      const store = createMemoryStore();
      return Promise.resolve({ store, end: () => store.close() });
    },
  ],
  [
    "on disk",
    async () => {
      const { path, remove } = makeTempDir("fork");
      const store = await openSqliteStore({ file: join(path, "store.db") });
      const end = async (): Promise<void> => {
        await store.close();
        remove();
      };
      return { store, end };
    },
  ],
];

for (const [name, open] of stores)
  describe(`a fork, ${name}`, () => {
    let world: FolderWorld;
    let sessionId: string;
    let store: StorePort;
    let end: () => Promise<void>;
    beforeEach(async () => {
      ({ store, end } = await open());
      world = await folderWorld(files, { store });
      sessionId = await world.run(first);
    });
    afterEach(async () => {
      world.at.remove();
      await end();
    });

    const apply = async (id: string): Promise<void> =>
      void valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" }));
    const fork = async (more: { at?: number; name?: string } = {}): Promise<string> =>
      valueOf(await world.engine.dispatch({ type: "session.fork", sessionId, ...more })).sessionId;

    it("has the source's past under its own ids, and each goes on by itself", async () => {
      await apply(sessionId);
      const past = await store.read(sessionId);
      const id = await fork();
      const own = await store.read(id);
      assert.deepEqual(
        own.map((event) => [event.id, event.sessionId, event.seq]),
        own.map((_, i) => [eventId(id, i + 1), id, i + 1]),
      );
      assert.deepEqual(
        own.slice(1, past.length).map(({ type, actor, timestamp }) => [type, actor, timestamp]),
        past.slice(1).map(({ type, actor, timestamp }) => [type, actor, timestamp]),
      );
      assert.ok(!JSON.stringify(own.slice(1)).includes(`"sessionId":"${sessionId}"`));
      const state = await world.state(id);
      assert.equal(canonicalJson(reduceAll(own)), canonicalJson(state));
      assert.deepEqual([state.name, state.status, state.forkedFrom], [`${sessionId} (fork)`, "done", { sessionId, seq: past.length }]);
      assert.equal((await store.findSession(id))?.name, `${sessionId} (fork)`);
      assert.deepEqual((await store.listSessions()).map((row) => row.id).toSorted(), [sessionId, id].toSorted());

      const answer = state.run!.answer!;
      world.asked.length = 0;
      await world.run({ put: { b: "fork\n" } }, id);
      assert.ok(world.asked[0]!.includes(answer), "the agent is told what was said before");
      await world.run({ put: { b: "source\n" } }, sessionId);
      await apply(id);
      assert.deepEqual(world.files(), { a: first.put.a, b: "fork\n" });
      const { landing, runs } = await world.state(sessionId);
      assert.deepEqual([landing?.decision, runs, (await world.state(id)).runs], [undefined, 2, 2]);
    });

    it("has open what was open there, under ids of its own, and answers nothing of the source", async () => {
      const id = await fork({ name: "another way" });
      const [source, forked] = [await world.state(sessionId), await world.state(id)];
      assert.deepEqual([source.status, source.landing?.decision], ["waiting", undefined]);
      assert.deepEqual([forked.name, forked.status, forked.landing?.decision], ["another way", "waiting", undefined]);
      const pending = await store.listPending();
      assert.deepEqual(pending.map((one) => one.sessionId).toSorted(), [sessionId, id].toSorted());
      assert.equal(new Set(pending.map((one) => one.id)).size, 2);
      assert.deepEqual(world.files(), files);
      await apply(id);
      assert.deepEqual(world.files(), { ...files, ...first.put });
      assert.equal((await world.state(sessionId)).landing?.decision, undefined);
      await apply(sessionId);
      assert.deepEqual(world.files(), { ...files, ...first.put });
    });

    it("asks for itself what its past still asked: what is answered there runs in its own folder", async () => {
      const asking = await world.create({ level: "default" });
      sessionId = asking;
      await world.run(first, asking);
      const id = await fork();
      const [asked] = pendingApprovals(await world.state(id));
      const [before] = pendingApprovals(await world.state(asking));
      assert.ok(asked && before);
      assert.ok(asked.approvalId !== before.approvalId && asked.cwd !== before.cwd && asked.cwd.includes(id), asked.cwd);
      const answered = { type: "approval.resolve", sessionId: id, approvalId: asked.approvalId, decision: "approve", by: "user" } as const;
      valueOf(await world.engine.dispatch(answered));
      valueOf(await world.engine.dispatch({ type: "session.run", sessionId: id }));
      const forked = await world.state(id);
      assert.equal(Object.values(forked.approvals).filter(({ callId }) => callId === asked.callId).length, 1, "it is not asked again");
      assert.deepEqual([forked.status, forked.landing?.files.map(({ path }) => path)], ["waiting", ["a"]]);
      assert.equal(pendingApprovals(await world.state(asking))[0]?.approvalId, before.approvalId);
    });

    it("begins at any of its events, and nowhere else", async () => {
      await apply(sessionId);
      const past = await store.read(sessionId);
      for (const at of [0, past.length + 1, 1.5])
        assert.equal(codeOf(await world.engine.dispatch({ type: "session.fork", sessionId, at })), "invalid", String(at));
      assert.equal(codeOf(await world.engine.dispatch({ type: "session.fork", sessionId: "s_none" })), "not_found");
      assert.equal((await store.listSessions()).length, 1);

      const ends = past.filter((event) => event.type === "session.ended").map((event) => event.seq);
      const early = await world.state(await fork({ at: ends[0]! }));
      assert.deepEqual([early.status, early.landing?.decision], ["waiting", undefined]);
      const id = await fork({ at: 1 });
      const fresh = await world.state(id);
      assert.deepEqual([fresh.status, fresh.runs, fresh.goal], ["created", 0, (await world.state(sessionId)).goal]);
      await world.run({ put: { b: "anew\n" } }, id);
      await apply(id);
      assert.equal(world.files()["b"], "anew\n");
    });

    it("takes a new prompt where a run has ended", async () => {
      await apply(sessionId);
      const id = await fork();
      const resumed = await world.engine.dispatch({ type: "session.run", sessionId: id });
      assert.ok(!resumed.ok);
      assert.match(resumed.error.message, /give it a new prompt/);
    });

    it("has all that its past needs when the source is gone", async () => {
      await apply(sessionId);
      const [start] = (await world.state(sessionId)).checkpoints;
      const id = await fork();
      valueOf(await world.engine.dispatch({ type: "session.remove", sessionId }));
      const workspaces = join(world.at.dataDir, "workspaces");
      const shadow = join(workspaces, readdirSync(workspaces)[0]!, "shadow.git");
      assert.ok(!existsSync(join(shadow, "refs", "ao", sessionId)), "what only the source needed is not kept");
      assert.ok(existsSync(join(shadow, "refs", "ao", id)));
      rmSync(join(shadow, "refs", "ao", "s"), { recursive: true, force: true });
      gitIn(shadow, "gc", "--quiet", "--prune=now");
      const rolled = await world.engine.dispatch({ type: "session.rollback", sessionId: id, to: start!.checkpointId, by: "user" });
      assert.deepEqual(valueOf(rolled), { files: ["a"], conflicts: [] });
      assert.deepEqual(world.files(), files);
    });
  });

describe("a fork that cannot be recorded", () => {
  it("is not there at all", async () => {
    const store = createMemoryStore();
    let full = false;
    const append: StorePort["append"] = async (id, events) => {
      if (full) throw new Error("the disk is full");
      await store.append(id, events);
    };
    const world = await folderWorld(files, { store: { ...store, append } });
    try {
      const sessionId = await world.run(first);
      full = true;
      const forked = await world.engine.dispatch({ type: "session.fork", sessionId });
      assert.ok(!forked.ok);
      assert.match(forked.error.message, /the disk is full/);
      assert.deepEqual(
        (await store.listSessions()).map((row) => row.id),
        [sessionId],
      );
    } finally {
      world.at.remove();
    }
  });
});

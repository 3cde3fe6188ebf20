// The two doors: what dispatch refuses and with which code, what follow shows and when, and what happens to a session
// that can no longer be recorded or that somebody else writes.

import assert from "node:assert/strict";
import { createEngine, type Engine } from "../../src/core/engine.ts";
import type { StorePort } from "../../src/core/ports.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import type { Result } from "../../src/protocol/result.ts";
import { noUsage, pendingApprovals } from "../../src/protocol/state.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { configWith, createWorld, runGoal, type Reply, type World } from "../support/world.ts";

const edit = "Fix the typo in README.md";
const mend = { tool: "filesystem__write_file", arguments: { path: "README.md", content: "# Example\n" } };
const editor = ({ turn }: { turn: number }): { calls: (typeof mend)[] } | { text: string } =>
  turn === 0 ? { calls: [mend] } : { text: "mended" };

/** A model that answers nothing until it is stopped. */
async function untilStopped(signal: AbortSignal): Promise<Reply> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return { kind: "cancelled", usage: noUsage, costUsd: 0 };
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}

async function create(engine: Engine, goal = edit, change: Parameters<typeof configWith>[0] = {}): Promise<string> {
  const created = await engine.dispatch({ type: "session.create", goal, workspace: "/user", config: configWith(change) });
  assert.ok(created.ok);
  return created.value.sessionId;
}

describe("engine", () => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld({ model: editor });
  });

  it("refuses what it does not know, with a code", async () => {
    const { engine } = world;
    const create = { type: "session.create", goal: "g", workspace: "/user" } as const;
    assert.equal(codeOf(await engine.dispatch({ type: "session.explode" } as never)), "unknown_command");
    assert.equal(codeOf(await engine.dispatch({ type: "toString" } as never)), "unknown_command");
    assert.equal(codeOf(await engine.dispatch({ ...create, config: configWith({ agent: "nobody" }) })), "not_found");
    assert.equal(codeOf(await engine.dispatch({ ...create, config: configWith({ workflow: "none" }) })), "not_found");
    assert.equal(codeOf(await engine.dispatch({ ...create, sessionId: "mine", config: configWith() })), "ok");
    assert.equal(codeOf(await engine.dispatch({ ...create, sessionId: "mine", config: configWith() })), "conflict");
    assert.equal(codeOf(await engine.dispatch({ type: "session.run", sessionId: "nobody's" })), "not_found");
    const approval = { type: "approval.resolve", sessionId: "mine", approvalId: "a_none", decision: "approve", by: "user" } as const;
    assert.equal(codeOf(await engine.dispatch(approval)), "not_found");
    assert.equal(codeOf(await engine.dispatch({ type: "changes.apply", sessionId: "mine", by: "user" })), "nothing_to_do");
    assert.equal(codeOf(await engine.dispatch({ type: "changes.discard", sessionId: "mine", by: "user" })), "nothing_to_do");
  });

  it("runs a session once at a time, however close two starts are", async () => {
    const sessionId = await create(world.engine);
    const runs = await Promise.all([1, 2, 3].map(() => world.engine.dispatch({ type: "session.run", sessionId })));
    assert.deepEqual(runs.map(codeOf).toSorted(), ["busy", "busy", "ok"]);
    const events = await world.store.read(sessionId);
    assert.equal(events.filter((event) => event.type === "run.started").length, 1);
    assert.equal(codeOf(await world.engine.dispatch({ type: "session.run", sessionId })), "nothing_to_do");
  });

  it("goes on with a prompt that comes as soon as the end of a run is seen", async () => {
    const { engine } = world;
    const sessionId = await create(engine);
    const next = new Promise<Result<unknown>>((resolve) => {
      let seen = false;
      void engine.follow(sessionId, 0, ({ type }) => {
        if (type !== "run.ended" || seen) return;
        seen = true;
        void engine.dispatch({ type: "session.run", sessionId, prompt: edit }).then(resolve);
      });
    });
    await engine.dispatch({ type: "session.run", sessionId });
    assert.equal(codeOf(await next), "ok");
    assert.equal((await engine.state(sessionId))!.runs, 2);
  });

  it("goes on with a prompt that comes while the run before it only has to end, its result having had its word", async () => {
    const moment = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
    for (let moments = 0; moments < 8; moments++) {
      const kept = createMemoryStore();
      const append: StorePort["append"] = async (...args) => {
        for (let i = 0; i < 3; i++) await moment(); // As a disk does, it takes its time.
        await kept.append(...args);
      };
      const { engine, workspace } = await createWorld({ model: editor, attended: true, taped: true, store: { ...kept, append } });
      const sessionId = await create(engine, edit, { level: "assisted" });
      const first = engine.dispatch({ type: "session.run", sessionId });
      while ((await engine.state(sessionId))!.landing === undefined) await moment();
      workspace.user["README.md"] = "# Mine\n";
      const said = await engine.dispatch({ type: "changes.apply", sessionId, by: "user" });
      assert.equal(said.ok && said.value.conflicts.length, 1);
      for (let i = 0; i < moments; i++) await moment();
      const next = engine.dispatch({ type: "changes.join", sessionId, by: "user" });
      assert.equal(codeOf(await first), "ok");
      const begun = async (): Promise<string> => {
        while ((await engine.state(sessionId))!.runs < 2) await moment();
        return "begun";
      };
      assert.equal(await Promise.race([next.then(codeOf), begun()]), "begun", `after ${moments} moments`);
      await engine.close();
    }
  });

  it("begins nothing once it is being closed, and every command still gets an answer", async () => {
    const sessionId = await create(world.engine);
    const late = world.engine.dispatch({ type: "session.run", sessionId });
    const closed = world.engine.close();
    world.store.read = () => Promise.reject(new Error("the store is closed"));
    await closed;
    const answers = [await late, await world.engine.dispatch({ type: "session.rename", sessionId, name: "late" })];
    assert.deepEqual(answers.map(codeOf), ["busy", "busy"]);
  });

  it("takes one answer to an approval, and a second one for what it is", async () => {
    const { sessionId } = await runGoal(world, edit, { level: "default" });
    const [waiting] = pendingApprovals((await world.engine.state(sessionId))!);
    const answer = { type: "approval.resolve", sessionId, approvalId: waiting!.approvalId, by: "user" } as const;
    const answers = [
      await world.engine.dispatch({ ...answer, decision: "approve" }),
      await world.engine.dispatch({ ...answer, decision: "deny" }),
    ];
    assert.deepEqual(answers.map(codeOf), ["ok", "already_answered"]);
  });

  it("shows each event once, in order, after it is on disk, from wherever one begins to follow", async () => {
    const committed = new Set<number>();
    const store = createMemoryStore();
    const watched: StorePort = {
      ...store,
      append: async (sessionId, events) => {
        await store.append(sessionId, events);
        events.forEach((event) => committed.add(event.seq));
      },
    };
    world = await createWorld({ model: editor, store: watched });
    const sessionId = await create(world.engine);
    const early: number[] = [];
    const late: number[] = [];
    let joined: Promise<unknown> | undefined;
    const see = (seen: number[]) => (event: TraceEvent) => {
      assert.ok(committed.has(event.seq), `event ${event.seq} was shown before its commit`);
      seen.push(event.seq);
      if (event.seq === 12) joined ??= world.engine.follow(sessionId, 5, see(late));
    };
    const end = await world.engine.follow(sessionId, 0, see(early));
    await world.engine.dispatch({ type: "session.run", sessionId });
    await joined;
    const { length } = await store.read(sessionId);
    assert.deepEqual(
      early,
      Array.from({ length }, (_, i) => i + 1),
    );
    assert.deepEqual(
      late,
      Array.from({ length: length - 5 }, (_, i) => i + 6),
    );
    end();
    await world.engine.dispatch({ type: "session.run", sessionId, prompt: edit });
    assert.equal(early.length, length);
  });

  it("does not act on what it cannot record, says so, and goes on when it can again", async () => {
    const store = createMemoryStore();
    let full = false;
    const failing: StorePort = {
      ...store,
      append: (sessionId, events) => (full ? Promise.reject(new Error("the disk is full")) : store.append(sessionId, events)),
    };
    let asked = 0;
    world = await createWorld({
      store: failing,
      model: (request) => {
        asked += 1;
        if (asked === 1) full = true;
        return editor(request);
      },
    });
    const sessionId = await create(world.engine);
    const failed = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.equal(codeOf(failed), "not_recorded");
    assert.match(failed.ok ? "" : failed.error.message, /the disk is full/);
    assert.equal(asked, 1);
    assert.deepEqual(
      world.workspace.open().map((root) => world.workspace.folder(root)["README.md"]),
      ["# Sample\n"],
      "the write was not recorded, so it must not have happened",
    );
    full = false;
    assert.equal(codeOf(await world.engine.dispatch({ type: "session.run", sessionId })), "ok");
    assert.equal(world.workspace.user["README.md"], "# Example\n");
  });

  it("yields to another process that writes the same session", async () => {
    const { sessionId } = await runGoal(world, edit, { level: "default" });
    const [waiting] = pendingApprovals((await world.engine.state(sessionId))!);
    const other = createEngine(world.ports, { attended: false });
    const answer = { type: "approval.resolve", sessionId, approvalId: waiting!.approvalId, decision: "approve", by: "user" } as const;
    assert.equal(codeOf(await other.dispatch(answer)), "ok");
    assert.notEqual(codeOf(await world.engine.dispatch({ ...answer, decision: "deny" })), "ok");
    const events = await world.store.read(sessionId);
    assert.equal(events.filter((event) => event.type === "approval.resolved").length, 1);
  });

  it("stops its runs when it is closed, and a new engine goes on with them", async () => {
    world = await createWorld({
      model: async (request, signal) => {
        if (request.turn === 0) return { calls: [mend] };
        void world.engine.close();
        return untilStopped(signal);
      },
    });
    const { sessionId, outcome } = await runGoal(world, edit);
    assert.ok(outcome.ok);
    assert.equal((await world.engine.state(sessionId))?.status, "running", "a closed program is no end of the run");
    const next = await createWorld({ model: editor, store: world.store, workspace: world.workspace, ids: world.ids });
    await next.engine.dispatch({ type: "session.run", sessionId });
    assert.equal((await next.engine.state(sessionId))?.status, "done");
    assert.equal(world.workspace.user["README.md"], "# Example\n");
  });

  it("ends one task alone when only that one is cancelled", async () => {
    world = await createWorld({
      model: async (request, signal) => {
        if (request.agent !== "security-review") return { calls: [handIn(request.agent)] };
        const state = await world.engine.state("one");
        const task = Object.values(state!.tasks).find((one) => one.assignedAgent === "security-review");
        void world.engine.dispatch({ type: "task.cancel", sessionId: "one", taskId: task!.id });
        return untilStopped(signal);
      },
    });
    await world.engine.dispatch({
      type: "session.create",
      sessionId: "one",
      goal: "Judge it",
      workspace: "/user",
      config: configWith({ agent: "code-review" }),
    });
    await world.engine.dispatch({ type: "session.run", sessionId: "one" });
    const state = await world.engine.state("one");
    assert.deepEqual(
      Object.values(state!.tasks)
        .map((task) => `${task.assignedAgent} ${task.status}`)
        .toSorted(),
      ["code-review done", "performance-review done", "security-review cancelled", "style-review done"],
    );
    assert.deepEqual(Object.keys(state!.reviews[0]!.by).toSorted(), ["performance-review", "style-review"]);
  });
});

function handIn(agent: string): { tool: string; arguments: object } {
  return { tool: "agents__submit_result", arguments: { status: "done", summary: `${agent} looked`, score: 0.9 } };
}

describe("a stop right after a start", () => {
  it("finds the run", async () => {
    const world = await createWorld({ model: (_request, signal) => untilStopped(signal) });
    const created = await world.engine.dispatch({
      type: "session.create",
      goal: "What is this?",
      workspace: "/user",
      config: configWith(),
    });
    assert.ok(created.ok);
    const { sessionId } = created.value;
    const fresh = createEngine(world.ports, { attended: false });
    const running = fresh.dispatch({ type: "session.run", sessionId });
    const stopped = await fresh.dispatch({ type: "session.cancel", sessionId });
    assert.ok(stopped.ok && stopped.value.cancelled);
    const outcome = await running;
    assert.ok(outcome.ok);
    assert.equal(outcome.value.status, "cancelled");
  });
});

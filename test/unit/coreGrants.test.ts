// Approvals beyond their session, through the engine: given as shown, on record with every call that they allowed, held
// to their workspace, and over when they are revoked.

import assert from "node:assert/strict";
import type { CallResult, EventOf, TraceEvent } from "../../src/protocol/events.ts";
import { pendingApprovals } from "../../src/protocol/state.ts";
import { createWorld, runGoal, type World, type WorldOptions } from "../support/world.ts";
import { call, cast, hand, write } from "../golden/golden.ts";

const edit = "Fix the typo in README.md";
const started = (events: TraceEvent[]): EventOf<"call.started">["payload"][] =>
  events.filter((event) => event.type === "call.started").map((event) => event.payload as EventOf<"call.started">["payload"]);

describe("approvals beyond a session", () => {
  const commands: string[] = [];
  const shell = (command: string): CallResult => {
    commands.push(command);
    return { ok: true, content: "done", details: { exitCode: 0, durationMs: 1 } };
  };
  beforeEach(() => void commands.splice(0));

  const worldOf = (command: string, options: Partial<WorldOptions> = {}): Promise<World> =>
    createWorld({
      model: cast({
        typescript: (_request, ask) => (ask % 2 === 0 ? { calls: [call("shell__run", { command })] } : hand({ summary: "done" })),
      }),
      shell,
      ...options,
    });

  const answer = async (
    world: World,
    sessionId: string,
    scope: "once" | "session" | "workspace" | "always",
    decision: "approve" | "deny" = "approve",
  ) => {
    const [waiting] = pendingApprovals((await world.engine.state(sessionId))!);
    assert.ok(waiting, "something is asked");
    return await world.engine.dispatch({
      type: "approval.resolve",
      sessionId,
      approvalId: waiting.approvalId,
      decision,
      scope,
      by: "user",
    });
  };

  it("one for a session is not one for its fork", async () => {
    const world = await worldOf("npm run build");
    const { sessionId } = await runGoal(world, edit, { level: "assisted" });
    await answer(world, sessionId, "session");
    const done = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(done.ok && done.value.status === "done");
    const again = await world.engine.dispatch({ type: "session.run", sessionId, prompt: edit });
    assert.ok(again.ok && again.value.status === "done", "the session itself is not asked again");
    const forked = await world.engine.dispatch({ type: "session.fork", sessionId });
    assert.ok(forked.ok);
    const asked = await world.engine.dispatch({ type: "session.run", sessionId: forked.value.sessionId, prompt: edit });
    assert.ok(asked.ok && asked.value.status === "waiting");
  });

  it("one for the workspace allows the same call in the next session, names itself there, and ends when revoked", async () => {
    const world = await worldOf("npm run build");
    const first = await runGoal(world, edit, { level: "assisted", apply: true });
    const asked = first.events.find((event) => event.type === "approval.requested") as EventOf<"approval.requested">;
    assert.match(asked.payload.covers!.workspace!, /^exactly the command npm run build in .* in all sessions of this project$/);
    assert.ok((await answer(world, first.sessionId, "workspace")).ok);
    await world.engine.dispatch({ type: "session.run", sessionId: first.sessionId });
    const [grant, ...more] = await world.ports.grants.list();
    assert.deepEqual(more, []);
    assert.deepEqual([grant?.workspace, grant?.by, grant?.sessionId], ["/user", "user", first.sessionId]);
    assert.deepEqual(grant?.covers, asked.payload.covers!.exactly);

    const second = await runGoal(world, edit, { level: "assisted", apply: true });
    assert.deepEqual(commands, ["npm run build", "npm run build"]);
    assert.equal(started(second.events).find((one) => one.tool === "shell__run")?.grant, grant?.id);
    assert.equal(second.events.filter((event) => event.type === "approval.requested").length, 0);

    assert.ok(await world.ports.grants.revoke(grant!.id));
    const third = await runGoal(world, edit, { level: "assisted", apply: true });
    assert.equal(pendingApprovals((await world.engine.state(third.sessionId))!).length, 1);
    assert.equal(commands.length, 2);
  });

  it("one for this project is none for another; one for always is", async () => {
    for (const [scope, runs] of [
      ["workspace", 1],
      ["always", 2],
    ] as const) {
      commands.splice(0);
      const world = await worldOf("npm run build");
      const { sessionId } = await runGoal(world, edit, { level: "assisted", apply: true });
      assert.ok((await answer(world, sessionId, scope)).ok);
      await world.engine.dispatch({ type: "session.run", sessionId });
      const { config, goal } = (await world.engine.state(sessionId))!;
      const created = await world.engine.dispatch({ type: "session.create", goal, workspace: "/elsewhere", config });
      assert.ok(created.ok);
      await world.engine.dispatch({ type: "session.run", sessionId: created.value.sessionId });
      assert.equal(commands.length, runs, scope);
    }
  });

  it("one for an edit covers that tool only, also in its own session", async () => {
    const calls = [write("README.md", "# One\n"), write("b.md", "# Two\n"), call("shell__run", { command: "npm run build" })];
    const model = cast({ typescript: (_request, ask) => (ask < calls.length ? { calls: [calls[ask]!] } : hand({ summary: "done" })) });
    const world = await createWorld({ model, shell });
    const { sessionId } = await runGoal(world, edit, { level: "default" });
    assert.ok((await answer(world, sessionId, "always")).ok);
    await world.engine.dispatch({ type: "session.run", sessionId });
    const [waiting, ...more] = pendingApprovals((await world.engine.state(sessionId))!);
    assert.deepEqual([waiting?.tool, more.length], ["shell__run", 0]);
    assert.deepEqual(commands, []);
  });

  it("does not reach past a blueprint's own rule, nor the floor", async () => {
    const world = await worldOf("npm run build");
    const { sessionId } = await runGoal(world, edit, { level: "assisted", apply: true });
    assert.ok((await answer(world, sessionId, "always")).ok);
    const typescript = world.ports.registry.agent("typescript")!;
    for (const effect of ["ask", "deny"] as const) {
      const agents = [{ ...typescript, permissions: [{ effect, tool: "shell", id: "shell" }] }];
      const strict = await worldOf("npm run build", { agents, wrap: (ports) => ({ ...ports, grants: world.ports.grants }) });
      const again = await runGoal(strict, edit, { level: "assisted", apply: true });
      const state = (await strict.engine.state(again.sessionId))!;
      assert.equal(pendingApprovals(state).filter((one) => one.kind === "call").length, effect === "ask" ? 1 : 0);
      if (effect === "ask") {
        assert.deepEqual(pendingApprovals(state)[0]?.covers, { session: "this same call again, in this session" });
        for (const scope of ["workspace", "always"] as const) {
          const refused = await answer(strict, again.sessionId, scope);
          assert.ok(!refused.ok);
          assert.match(refused.error.message, /not further/);
        }
      }
    }
    assert.deepEqual(commands, []);
    assert.equal((await world.ports.grants.list()).length, 1);
  });

  it("a landing and a refusal are for once", async () => {
    const world = await createWorld({
      model: cast({ typescript: [{ calls: [write("README.md", "# One\n")] }, hand({ summary: "done" })] }),
    });
    const { sessionId } = await runGoal(world, edit, { level: "assisted" });
    assert.ok(!(await answer(world, sessionId, "always")).ok);
    assert.ok(!(await answer(world, sessionId, "workspace", "deny")).ok);
    assert.equal(pendingApprovals((await world.engine.state(sessionId))!).length, 1);
    assert.deepEqual(await world.ports.grants.list(), []);
  });

  it("that cannot be recorded is not given", async () => {
    const world = await worldOf("npm run build", {
      wrap: (ports) => ({ ...ports, grants: { ...ports.grants, add: () => Promise.reject(new Error("the disk is full")) } }),
    });
    const { sessionId } = await runGoal(world, edit, { level: "assisted", apply: true });
    const refused = await answer(world, sessionId, "always");
    assert.ok(!refused.ok);
    assert.match(refused.error.message, /the disk is full/);
    assert.equal(pendingApprovals((await world.engine.state(sessionId))!).length, 1);
  });
});

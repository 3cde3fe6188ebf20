// What a person says while the team works: who hears it and when, that it is never lost, and when it is refused.

import assert from "node:assert/strict";
import type { ModelRequest } from "../../src/core/ports.ts";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { canonicalJson } from "../../src/protocol/hash.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { Result } from "../../src/protocol/result.ts";
import { briefIn, call, cast, goodReviewers, hand, planOf, read, write } from "../golden/golden.ts";
import { configWith, createWorld, runGoal, type World } from "../support/world.ts";

const edit = "Fix the typo in README.md";

function spoken(request: ModelRequest): string[] {
  return request.messages.flatMap((message) =>
    message.role === "user"
      ? message.content.flatMap((block) => (block.type === "text" && block.text.startsWith("The user says: ") ? [block.text] : []))
      : [],
  );
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}

const running = async (world: World): Promise<string> => (await world.store.listSessions({ limit: 1 }))[0]!.id;

/** Says it to the only session that there is. */
async function say(world: World, text: string, taskId?: TaskId): Promise<Result<unknown>> {
  const to = taskId === undefined ? {} : { taskId };
  return world.engine.dispatch({ type: "message.send", sessionId: await running(world), text, by: "user", ...to });
}

function delivered(events: TraceEvent[]): (TaskId | undefined)[] {
  return events.filter((event) => event.type === "message.delivered").map(({ taskId }) => taskId);
}

describe("what a person says to a team at work", () => {
  it("is heard before the agent's next turn, once", async () => {
    const heard: string[][] = [];
    const model = cast({
      typescript: async (request, ask) => {
        if (ask === 0) assert.equal(codeOf(await say(world, "Use two spaces.")), "ok");
        heard.push(spoken(request));
        return ask === 0
          ? { calls: [read("README.md")] }
          : ask === 1
            ? { calls: [write("README.md", "# A\n")] }
            : hand({ summary: "done" });
      },
    });
    const world = await createWorld({ model });
    const { events, sessionId } = await runGoal(world, edit, { apply: true });
    assert.deepEqual(heard, [[], ["The user says: Use two spaces."], ["The user says: Use two spaces."]]);
    assert.equal(delivered(events).length, 1);
    assert.equal(canonicalJson(reduceAll(events)), canonicalJson(await world.engine.state(sessionId)));
  });

  it("gives whoever is about to end one more turn", async () => {
    for (const last of [{ text: "All is well." }, hand({ summary: "all is well" })]) {
      let turns = 0;
      const model = cast({
        typescript: async (request, ask) => {
          turns += 1;
          if (ask === 0) await say(world, "And greet.");
          else assert.deepEqual(spoken(request), ["The user says: And greet."]);
          return ask === 1 ? { calls: [write("README.md", "# Hello\n")] } : last;
        },
      });
      const world = await createWorld({ model });
      const { outcome } = await runGoal(world, edit, { apply: true });
      assert.equal(codeOf(outcome), "ok");
      assert.equal(turns, 3);
      assert.equal(world.workspace.user["README.md"], "# Hello\n");
    }
  });

  it("reaches every agent of the team, also those that begin later; said to one it reaches that one", async () => {
    const heard: Record<string, string[]> = {};
    const note = (agent: string, request: ModelRequest): void => void (heard[agent] = spoken(request));
    const model = cast({
      planning: [
        planOf(
          { id: "a", type: "generate", goal: "Write a.ts", language: "typescript", files: ["a.ts"] },
          { id: "b", type: "generate", goal: "Write b.py", language: "python", files: ["b.py"], dependsOn: ["a"] },
        ),
      ],
      typescript: async (request, ask) => {
        if (ask === 0) {
          const state = (await world.engine.state(await running(world)))!;
          const mine = Object.values(state.tasks).findLast((task) => task.assignedAgent === "typescript")!;
          assert.equal(codeOf(await say(world, "to all")), "ok");
          assert.equal(codeOf(await say(world, "to you", mine.id)), "ok");
          assert.equal(codeOf(await say(world, "to your lead", mine.parentId)), "ok");
          return { calls: [write("a.ts", "export {};\n")] };
        }
        note("typescript", request);
        return hand({ summary: "a is there" });
      },
      python: (request) => {
        note("python", request);
        return hand({ summary: "nothing to write" });
      },
      coordinator: (request) => {
        note("coordinator", request);
        return { text: "All is done." };
      },
      "unit-test": [hand({ summary: "no tests" })],
      "readme-generator": [hand({ summary: "nothing" })],
      ...goodReviewers,
    });
    const world = await createWorld({ model });
    const { outcome } = await runGoal(world, "Build a tool in two languages: a.ts, then b.py, with docs and tests", { apply: true });
    assert.equal(codeOf(outcome), "ok");
    assert.deepEqual(heard["typescript"], ["The user says: to all", "The user says: to you", "The user says: to your lead"]);
    assert.deepEqual(heard["python"], ["The user says: to all"]);
    assert.deepEqual(heard["coordinator"], ["The user says: to all"]);
  });

  it("is refused with the way out where nobody would hear it", async () => {
    let told: Result<unknown> | undefined;
    const model = cast({
      typescript: async (request, ask) => {
        if (ask === 0) told = await say(world, "Stop that.", "t_nobody");
        return briefIn(request) && ask === 0 ? { calls: [call("filesystem__read_file", { path: "README.md" })] } : { text: "It is fine." };
      },
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, edit);
    assert.match(told && !told.ok ? told.error.message : "", /say it to the whole team/);
    const late = await world.engine.dispatch({ type: "message.send", sessionId, text: "More.", by: "user" });
    assert.match(late.ok ? "" : late.error.message, /send it as the next prompt/);
    const none = await world.engine.dispatch({ type: "message.send", sessionId: "s_none", text: "More.", by: "user" });
    assert.equal(codeOf(none), "not_found");
  });

  it("turns no failure into a success, and takes no review's score away", async () => {
    const thanked = cast({
      typescript: async (_request, ask) => {
        if (ask === 0) await say(world, "thanks!");
        return ask === 0 ? hand({ status: "failed", summary: "the tests are red" }) : { text: "You're welcome!" };
      },
    });
    let world = await createWorld({ model: thanked });
    const failed = await runGoal(world, edit, { apply: true });
    const end = failed.outcome.ok && (failed.outcome.value as RunOutcome);
    assert.ok(end && end.status === "failed", JSON.stringify(end));
    assert.match(end.answer, /the tests are red\n\nYou're welcome!/);

    const scored = cast({
      typescript: [{ calls: [write("a.ts", "export {};\n")] }, hand({ summary: "written" })],
      ...goodReviewers,
      "security-review": async (_request, ask) => {
        if (ask === 0) await say(world, "look closely");
        return ask === 0 ? hand({ summary: "good", score: 0.9 }) : { text: "I did." };
      },
      "unit-test": [hand({ summary: "no tests" })],
      "readme-generator": [hand({ summary: "nothing" })],
      coordinator: [{ text: "All is done." }],
    });
    world = await createWorld({ model: scored });
    const { sessionId } = await runGoal(world, "Write a.ts", { workflow: "sequential", apply: true });
    const { tasks } = (await world.engine.state(sessionId))!;
    const review = Object.values(tasks).find((task) => task.assignedAgent === "security-review");
    assert.equal(review?.output?.score, 0.9);
  });

  it("keeps a result from being taken by itself when it came too late for every agent", async () => {
    const model = cast({ typescript: [{ calls: [write("README.md", "# A\n")] }, hand({ summary: "done" })] });
    const world = await createWorld({ model });
    const created = await world.engine.dispatch({
      type: "session.create",
      goal: edit,
      workspace: "/user",
      config: configWith({ apply: true }),
    });
    assert.ok(created.ok);
    const { sessionId } = created.value;
    await world.engine.follow(sessionId, 0, (event) => {
      if (event.type === "workflow.node.exit") void say(world, "Keep the old heading.");
    });
    await world.engine.dispatch({ type: "session.run", sessionId });
    const state = (await world.engine.state(sessionId))!;
    assert.equal(state.said?.length, 1);
    assert.equal(state.landing?.decision, undefined);
    assert.match(JSON.stringify(Object.values(state.approvals)), /no agent heard what you said: .*Keep the old heading/);
  });

  it("is taken once, in a length that a model can read", async () => {
    const answers: Result<unknown>[] = [];
    const model = cast({
      typescript: async (request, ask) => {
        const sessionId = await running(world);
        const send = (text: string, messageId: `m_${string}`): Promise<Result<unknown>> =>
          world.engine.dispatch({ type: "message.send", sessionId, text, by: "user", messageId });
        if (ask > 0)
          return spoken(request).length === 1 ? hand({ summary: "heard once" }) : hand({ status: "failed", summary: "heard twice" });
        answers.push(
          await send("x".repeat(20_001), "m_1"),
          await send("  ", "m_2"),
          await send("Once.", "m_3"),
          await send("Once.", "m_3"),
        );
        return { calls: [read("README.md")] };
      },
    });
    const world = await createWorld({ model });
    const { outcome } = await runGoal(world, edit);
    assert.deepEqual(answers.map(codeOf), ["invalid", "invalid", "ok", "ok"]);
    assert.ok(outcome.ok && (outcome.value as RunOutcome).status === "done", JSON.stringify(outcome));
  });

  it("is still heard when the run is cut off in between and gone on with", async () => {
    const heard: string[] = [];
    const model = cast({
      typescript: async (request, ask) => {
        if (ask === 0) {
          await say(world, "Mind the heading.");
          void world.engine.dispatch({ type: "session.cancel", sessionId: await running(world) });
          return { kind: "cancelled", usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }, costUsd: 0 };
        }
        heard.push(...spoken(request));
        return hand({ summary: "done" });
      },
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, edit);
    await world.engine.dispatch({ type: "session.run", sessionId });
    assert.deepEqual(heard, ["The user says: Mind the heading."]);
  });
});

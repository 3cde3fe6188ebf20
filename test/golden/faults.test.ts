// A model that fails, stumbles or runs in circles. Each compared with the story on file.

import assert from "node:assert/strict";
import { noUsage } from "../../src/protocol/state.ts";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { StorePort } from "../../src/core/ports.ts";
import { createMemoryStore } from "../../src/store/memory.ts";
import { configWith, createWorld, runGoal, type Reply } from "../support/world.ts";
import { call, cast, fault, hand, matches, read, write } from "./golden.ts";

const edit = "Fix the typo in README.md";
const mend = write("README.md", "# Example\n");

const said = (text: string, stop: "length" | "refusal" | "end"): Reply => ({
  kind: "answer",
  content: text ? [{ type: "text", text }] : [],
  calls: [],
  stop,
  usage: noUsage,
  costUsd: 0,
  model: "scripted:test",
});

describe("golden: faults of a model", () => {
  it("overloaded twice, then it works", async () => {
    const replies = [fault("overloaded", true), fault("overloaded", true), { calls: [mend] }, hand({ summary: "mended" })];
    const world = await createWorld({ model: cast({ typescript: replies }) });
    const { sessionId } = await runGoal(world, edit);
    assert.equal(world.slept.length, 2);
    assert.ok(world.slept[1]! > world.slept[0]!, "the second wait is longer");
    await matches("overloaded", world, sessionId);
  });

  it("overloaded for good: the run fails after its attempts and can be resumed", async () => {
    let down = true;
    const model = cast({ typescript: () => (down ? fault("overloaded", true) : hand({ summary: "nothing to mend" })) });
    const world = await createWorld({ model });
    const { sessionId, outcome } = await runGoal(world, edit);
    assert.ok(outcome.ok && (outcome.value as RunOutcome).status === "failed");
    down = false;
    await world.engine.dispatch({ type: "session.run", sessionId });
    await matches("overloaded-for-good", world, sessionId);
  });

  it("spend limit: the run fails, nothing is lost, and it can be resumed", async () => {
    const model = cast({
      typescript: [{ calls: [mend] }, fault("spend_limit", false), hand({ summary: "mended" })],
    });
    const world = await createWorld({ model });
    const { sessionId, outcome } = await runGoal(world, edit);
    assert.ok(outcome.ok && (outcome.value as RunOutcome).status === "failed");
    assert.equal(world.workspace.user["README.md"], "# Sample\n");
    await world.engine.dispatch({ type: "session.run", sessionId });
    assert.equal(world.workspace.user["README.md"], "# Example\n");
    await matches("spend-limit", world, sessionId);
  });

  it("an empty answer, one that was cut off, broken JSON and an unknown tool", async () => {
    const replies = [
      said("", "end"),
      said("I begin by", "length"),
      { calls: [{ ...mend, arguments: {}, invalid: "Unexpected end of JSON input" }] },
      { calls: [call("filesystem__wirte_file", { path: "README.md" })] },
      { calls: [mend] },
      hand({ summary: "mended" }),
    ];
    const world = await createWorld({ model: cast({ typescript: replies }) });
    const { sessionId } = await runGoal(world, edit);
    await matches("stumbles", world, sessionId);
  });

  it("only empty answers: the task fails", async () => {
    const world = await createWorld({ model: cast({ typescript: [said("", "end")] }) });
    const { sessionId } = await runGoal(world, edit);
    await matches("empty-answers", world, sessionId);
  });

  it("a refusal", async () => {
    const world = await createWorld({ model: cast({ typescript: [said("I will not do this.", "refusal")] }) });
    const { sessionId } = await runGoal(world, edit);
    await matches("refusal", world, sessionId);
  });

  it("a refusal is not taken for the result by the next process", async () => {
    const model = cast({ typescript: [said("I will not do this.", "refusal"), hand({ summary: "mended" })] });
    const store = createMemoryStore();
    let dead = false;
    const died = Promise.withResolvers<void>();
    const dying: StorePort = {
      ...store,
      append: async (sessionId, events) => {
        if (dead) return new Promise(() => undefined);
        await store.append(sessionId, events);
        dead = events.some((event) => event.type === "message" && event.actor === "typescript");
        if (!dead) return undefined;
        died.resolve();
        return new Promise(() => undefined);
      },
    };
    const first = await createWorld({ model, store: dying });
    const created = await first.engine.dispatch({ type: "session.create", goal: edit, workspace: "/user", config: configWith() });
    assert.ok(created.ok);
    const { sessionId } = created.value;
    void first.engine.dispatch({ type: "session.run", sessionId });
    await died.promise;
    const next = await createWorld({ model, store, workspace: first.workspace, ids: first.ids });
    await next.engine.dispatch({ type: "session.run", sessionId });
    await matches("refusal-and-crash", next, sessionId);
  });

  it("the same call with the same result, again and again", async () => {
    const world = await createWorld({ model: cast({ typescript: [{ calls: [read("README.md")] }] }) });
    const { sessionId } = await runGoal(world, edit);
    await matches("loop", world, sessionId);
  });

  it("a budget of few turns: the run stops, says so, and keeps the work", async () => {
    const world = await createWorld({ model: cast({ typescript: (_request, ask) => ({ calls: [read(`file-${ask}`)] }) }) });
    const budget = { usd: 5, tokens: 2_000_000, turns: 4, minutes: 60, depth: 4, parallel: 4 };
    const { sessionId } = await runGoal(world, edit, { budget });
    await matches("few-turns", world, sessionId);
  });

  it("a planner that hands in a broken plan, then a good one", async () => {
    const plan = (...steps: object[]): Reply => ({ calls: [call("agents__submit_plan", { steps })] });
    const model = cast({
      planning: [
        { text: "I would do this." },
        plan({ id: "a", type: "generate", goal: "A", dependsOn: ["z"] }, { id: "a", type: "generate", agent: "nobody", goal: "B" }),
        plan({ id: "a", type: "generate", goal: "A" }),
      ],
      typescript: [{ calls: [mend] }, hand({ summary: "mended" })],
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "Implement a new feature");
    await matches("broken-plan", world, sessionId);
  });
});

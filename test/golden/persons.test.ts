// What a person does to a run: approves, answers, cancels, comes back to it. Each compared with the story on file.

import assert from "node:assert/strict";
import { pendingApprovals, pendingInterrupts } from "../../src/protocol/state.ts";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { SessionConfig } from "../../src/protocol/events.ts";
import type { Result } from "../../src/protocol/result.ts";
import { noUsage } from "../../src/protocol/state.ts";
import { configWith, createWorld, runGoal, type World } from "../support/world.ts";
import { call, cast, goodReviewers, hand, matches, write } from "./golden.ts";

const edit = "Fix the typo in README.md";
const editor = [{ calls: [write("README.md", "# Example\n")] }, hand({ summary: "typo mended" })];

/** Approves all that waits and goes on, until nothing waits any more; returns how each run ended. */
async function approveAll(world: World, sessionId: string): Promise<string[]> {
  const ends: string[] = [];
  for (;;) {
    const state = await world.engine.state(sessionId);
    assert.ok(state);
    const waiting = pendingApprovals(state);
    if (waiting.length === 0 || ends.length > 5) return ends;
    for (const { approvalId } of waiting)
      await world.engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision: "approve", by: "user" });
    ends.push(statusOf(await world.engine.dispatch({ type: "session.run", sessionId })));
  }
}

function statusOf(outcome: Result<unknown>): string {
  return outcome.ok ? (outcome.value as RunOutcome).status : outcome.error.code;
}

describe("golden: persons", () => {
  it("an approval with nobody there waits; approved and resumed the run is done", async () => {
    const world = await createWorld({ model: cast({ typescript: editor }) });
    const { sessionId, outcome } = await runGoal(world, edit, { level: "default" });
    assert.equal(statusOf(outcome), "waiting");
    assert.deepEqual(await approveAll(world, sessionId), ["waiting", "done"]);
    await matches("approval", world, sessionId);
  });

  it("a denied call is a result for the agent", async () => {
    const world = await createWorld({ model: cast({ typescript: editor }) });
    const { sessionId } = await runGoal(world, edit, { level: "default" });
    const [waiting] = pendingApprovals((await world.engine.state(sessionId))!);
    await world.engine.dispatch({
      type: "approval.resolve",
      sessionId,
      approvalId: waiting!.approvalId,
      decision: "deny",
      by: "user",
      reason: "it is no typo",
    });
    await world.engine.dispatch({ type: "session.run", sessionId });
    await matches("denied", world, sessionId);
  });

  it("where nobody can ever answer, an ask is a deny", async () => {
    const world = await createWorld({ model: cast({ typescript: editor }) });
    const { sessionId } = await runGoal(world, edit, { level: "default", ask: false });
    await matches("no-ask", world, sessionId);
  });

  it("the project's own check is approved once and run once", async () => {
    let runs = 0;
    const model = cast({
      typescript: [{ calls: [write("src/greet.ts", "greet\n")] }, hand({ summary: "greet is there" })],
      "unit-test": [{ calls: [write("test/greet.test.ts", "// tests\n")] }, hand({ summary: "tests written" })],
      "readme-generator": [hand({ summary: "nothing to describe" })],
      coordinator: [{ text: "All is done." }],
      ...goodReviewers,
    });
    const shell = (): { ok: true; content: string; details: object } => {
      runs += 1;
      return { ok: true, content: "all passed", details: { exitCode: 0, durationMs: 1 } };
    };
    const world = await createWorld({ model, shell });
    const config = { workflow: "sequential", level: "default" as const, yesTo: ["writes"], apply: true };
    const { sessionId, outcome } = await runGoal(world, "Add greet", config);
    assert.equal(statusOf(outcome), "waiting");
    assert.equal(runs, 0);
    assert.deepEqual(await approveAll(world, sessionId), ["done"]);
    assert.equal(runs, 1);
    await matches("approved-check", world, sessionId);
  });

  it("a question of an agent is asked and answered while it waits", async () => {
    const model = cast({
      typescript: (request, ask) => {
        if (ask === 0) return { calls: [call("agents__ask_user", { question: "Which word?" })] };
        const last = request.messages.at(-1);
        const answer = last?.role === "results" ? last.results[0]!.result.content : "?";
        return ask === 1 ? { calls: [write("README.md", `# ${answer}\n`)] } : hand({ summary: `took ${answer}` });
      },
    });
    const world = await createWorld({ model, attended: true });
    const created = await runWhile(world, edit, async (sessionId) => {
      await world.engine.follow(sessionId, 0, (event) => {
        if (event.type !== "interrupt.raised") return;
        const { interruptId } = event.payload as { interruptId: `i_${string}` };
        void world.engine.dispatch({ type: "interrupt.resolve", sessionId, interruptId, action: "respond", text: "Example" });
      });
    });
    assert.equal(world.workspace.user["README.md"], "# Example\n");
    await matches("question-to-the-user", world, created);
  });

  it("a question with nobody there waits; answered and resumed the run is done", async () => {
    const model = cast({
      typescript: (_request, ask) =>
        ask === 0 ? { calls: [call("agents__ask_user", { question: "Which word?" })] } : hand({ summary: "nothing to do" }),
    });
    const world = await createWorld({ model });
    const { sessionId, outcome } = await runGoal(world, edit);
    assert.equal(statusOf(outcome), "waiting");
    const [question] = Object.values((await world.engine.state(sessionId))!.interrupts);
    const { interruptId } = question!;
    await world.engine.dispatch({ type: "interrupt.resolve", sessionId, interruptId, action: "respond", text: "Example" });
    assert.equal(statusOf(await world.engine.dispatch({ type: "session.run", sessionId })), "done");
    await matches("question-with-nobody-there", world, sessionId);
  });

  it("a cancel reaches the model at work; the session goes on when resumed", async () => {
    let world: World | undefined;
    const model = cast({
      typescript: (_request, ask) => {
        if (ask !== 1) return ask === 0 ? { calls: [write("README.md", "# Example\n")] } : hand({ summary: "typo mended" });
        const [sessionId] = sessions;
        void world!.engine.dispatch({ type: "session.cancel", sessionId: sessionId! });
        return { kind: "cancelled", usage: noUsage, costUsd: 0 };
      },
    });
    const sessions: string[] = [];
    world = await createWorld({ model });
    const sessionId = await runWhile(world, edit, (id) => void sessions.push(id));
    assert.equal((await world.engine.state(sessionId))?.status, "cancelled");
    assert.equal(statusOf(await world.engine.dispatch({ type: "session.run", sessionId })), "done");
    await matches("cancel", world, sessionId);
  });

  for (const [name, level, first, ends] of [
    ["kept-approval", "default", write("README.md", "# Example\n"), "waiting"],
    ["kept-question", "bypass", call("agents__ask_user", { question: "Which word?" }), "done"],
  ] as const)
    it(`a cancelled session keeps what was asked, and goes on with the answer: ${name}`, async () => {
      const model = cast({ typescript: [{ calls: [first] }, hand({ summary: "nothing to do" })] });
      const world = await createWorld({ model, attended: true });
      const sessionId = await runWhile(
        world,
        edit,
        (id) =>
          world.engine.follow(id, 0, (event) => {
            if (event.type === "task.updated" && (event.payload as { status: string }).status === "blocked")
              void world.engine.dispatch({ type: "session.cancel", sessionId: id });
          }),
        { level },
      );
      const state = (await world.engine.state(sessionId))!;
      assert.equal(state.status, "cancelled");
      const [approval] = pendingApprovals(state);
      const [question] = pendingInterrupts(state);
      assert.equal([approval, question].filter(Boolean).length, 1);
      if (approval)
        await world.engine.dispatch({
          type: "approval.resolve",
          sessionId,
          approvalId: approval.approvalId,
          decision: "approve",
          by: "user",
        });
      if (question)
        await world.engine.dispatch({
          type: "interrupt.resolve",
          sessionId,
          interruptId: question.interruptId,
          action: "respond",
          text: "Blue",
        });
      assert.equal(statusOf(await world.engine.dispatch({ type: "session.run", sessionId })), ends);
      await matches(name, world, sessionId);
    });

  it("an approval for the whole session covers the same call again", async () => {
    const same = { calls: [write("README.md", "# Example\n")] };
    const world = await createWorld({ model: cast({ typescript: [same, same, hand({ summary: "written twice" })] }) });
    const { sessionId } = await runGoal(world, edit, { level: "default", apply: true });
    const [waiting] = pendingApprovals((await world.engine.state(sessionId))!);
    const { approvalId } = waiting!;
    await world.engine.dispatch({ type: "approval.resolve", sessionId, approvalId, decision: "approve", scope: "session", by: "user" });
    assert.equal(statusOf(await world.engine.dispatch({ type: "session.run", sessionId })), "done");
    await matches("approved-for-the-session", world, sessionId);
  });

  it("a further prompt leaves what still asked behind, and nobody is asked in vain", async () => {
    const model = cast({ typescript: editor, coordinator: [{ text: "A sample." }] });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, edit, { level: "default" });
    const [asked] = pendingApprovals((await world.engine.state(sessionId))!);
    assert.equal(statusOf(await world.engine.dispatch({ type: "session.run", sessionId, prompt: "What is this project?" })), "done");
    assert.deepEqual(await world.store.listPending(), []);
    const late = { type: "approval.resolve", sessionId, approvalId: asked!.approvalId, decision: "approve", by: "user" } as const;
    assert.equal(statusOf(await world.engine.dispatch(late)), "already_answered");
    await matches("prompt-instead-of-an-answer", world, sessionId);
  });

  it("a further prompt knows what was said before", async () => {
    const seen: string[] = [];
    const model = cast({
      coordinator: (request, ask) => {
        seen.push(JSON.stringify(request.messages[0]));
        return { text: ask === 0 ? "A sample." : "Yes, still a sample." };
      },
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "What is this project?");
    await world.engine.dispatch({ type: "session.run", sessionId, prompt: "Is it still?" });
    assert.match(seen[1]!, /A sample\./);
    await matches("further-prompt", world, sessionId);
  });
});

/** Creates a session, lets `before` get ready, and runs it. */
async function runWhile(
  world: World,
  goal: string,
  before: (sessionId: string) => unknown,
  config: Partial<SessionConfig> = {},
): Promise<string> {
  const created = await world.engine.dispatch({ type: "session.create", goal, workspace: "/user", config: configWith(config) });
  assert.ok(created.ok);
  const { sessionId } = created.value;
  await before(sessionId);
  await world.engine.dispatch({ type: "session.run", sessionId });
  return sessionId;
}

describe("changes settled while the run waits for that answer", () => {
  for (const [command, ends, kept] of [
    ["changes.apply", "applied", "# Example\n"],
    ["changes.discard", "discarded", "# Sample\n"],
  ] as const)
    it(`${command} ends it`, async () => {
      const model = cast({ typescript: [{ calls: [write("README.md", "# Example\n")] }, hand({ summary: "written" })] });
      const world = await createWorld({ model, attended: true });
      const sessionId = await runWhile(
        world,
        edit,
        (id) =>
          world.engine.follow(id, 0, (event) => {
            if (event.type !== "approval.requested") return;
            if ((event.payload as { kind: string }).kind === "landing")
              void world.engine.dispatch({ type: command, sessionId: id, by: "user" });
          }),
        { level: "assisted" },
      );
      const { status, landing } = (await world.engine.state(sessionId))!;
      assert.deepEqual([status, landing?.decision], ["done", ends]);
      assert.equal(world.workspace.user["README.md"], kept);
    });
});

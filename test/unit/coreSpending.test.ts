// Budgets through the engine (A8): whatever random teams do, and though every model answers at the greatest length that it
// is allowed, no more is spent than there was; what cannot be paid does not begin; what is stopped says how far it came.

import assert from "node:assert/strict";
import type { AgentDefinition, Budget } from "../../src/protocol/agents.ts";
import type { EventOf, TraceEvent } from "../../src/protocol/events.ts";
import type { TaskId } from "../../src/protocol/ids.ts";
import { reduce } from "../../src/protocol/reduce.ts";
import { noUsage, pendingApprovals, pendingInterrupts, type SessionState, totalTokens } from "../../src/protocol/state.ts";
import { availableTo } from "../../src/core/budget.ts";
import { leastBudget } from "../../src/core/policy.ts";
import type { AskedCall, ClockPort, ModelOutcome, ModelRequest } from "../../src/core/ports.ts";
import { call, hand, planOf } from "../golden/golden.ts";
import { random } from "../support/random.ts";
import { createWorld, type Model, roomyBudget, runGoal, type World } from "../support/world.ts";

function member(id: string, subAgents: string[] = [], more: Partial<AgentDefinition> = {}): AgentDefinition {
  const common = { role: "member", model: "inherit", instructions: "", description: "", skills: [], memoryScope: "none" as const };
  return { id, name: id, ...common, tools: ["agents", "filesystem", "shell"], permissions: [], subAgents, ...more };
}

const delegate = (agent: string, goal: string, more: object = {}): AskedCall => call("agents__delegate", { agent, goal, ...more });

/** As much as the request allows, and all that the request itself can count as. */
function dearest(request: ModelRequest, calls: AskedCall[]): ModelOutcome {
  const texts = request.messages.flatMap((message) =>
    "content" in message ? message.content.map((block) => ("text" in block ? block.text : "")) : [],
  );
  const input = Math.floor([request.system, ...texts].join("").length / 4);
  const usage = { ...noUsage, input, output: request.maxTokens };
  return {
    kind: "answer",
    content: [{ type: "text", text: "words" }],
    calls,
    stop: "calls",
    usage,
    costUsd: (request.maxTokens * 10) / 1e6,
    model: request.model,
  };
}

const started = (events: TraceEvent[]): EventOf<"task.created">[] =>
  events.filter((event) => event.type === "task.created") as EventOf<"task.created">[];
const results = (events: TraceEvent[], tool: string): EventOf<"call.ended">["payload"]["result"][] =>
  events
    .filter((event) => event.type === "call.ended")
    .map((event) => (event as EventOf<"call.ended">).payload)
    .filter((payload) => payload.tool === tool)
    .map(({ result }) => result);

describe("a budget", () => {
  it("is never exceeded, and is on record for each child before that begins, whatever a team does", async () => {
    let [children, turns, refusals] = [0, 0, 0];
    for (let seed = 1; seed <= 25; seed++) {
      const dice = random(seed);
      const ids = Array.from({ length: 5 }, (_, i) => `member${i}`);
      const agents = ids.map((id, i) =>
        member(
          id,
          ids.slice(i + 1).filter(() => dice() < 0.7),
          dice() < 0.2 ? { limits: { tokens: 20_000, turns: 4 } } : {},
        ),
      );
      const budget: Budget = {
        ...roomyBudget,
        tokens: 20_000 + Math.floor(dice() * 600_000),
        usd: 0.1 + dice() * 4,
        turns: 3 + Math.floor(dice() * 60),
        depth: 1 + Math.floor(dice() * 4),
        parallel: 1 + Math.floor(dice() * 4),
      };
      const model: Model = async (request) => {
        await new Promise(setImmediate);
        const { subAgents } = agents.find(({ id }) => id === request.agent)!;
        const some = subAgents
          .filter(() => dice() < 0.8)
          .map((id) => delegate(id, "go on", dice() < 0.3 ? { grant: { budget: { tokens: 9_000 } } } : {}));
        return dearest(
          request,
          request.turn < 2 && some.length > 0 ? some : [call("agents__submit_result", { status: "done", summary: "done" })],
        );
      };
      const world = await createWorld({ model, agents });
      const { events } = await runGoal(world, "do it", { agent: "member0", budget });
      const where = `seed ${seed}`;
      refusals += results(events, "agents__delegate").filter((result) => !result.ok && result.code === "budget").length;
      let state: SessionState | undefined;
      for (const event of events) {
        const before = state;
        state = reduce(state, event);
        if (event.type === "task.created" && (event as EventOf<"task.created">).payload.task.parentId) children += 1;
        if (event.type === "budget.reserved") {
          const { taskId, amount } = (event as EventOf<"budget.reserved">).payload;
          const { most } = state.tasks[taskId]!;
          for (const [key, limit] of Object.entries(most ?? {}))
            assert.ok(amount[key as keyof typeof amount] <= limit, `${where}: ${taskId} got more ${key} than its limit of ${limit}`);
        }
        if (event.type === "turn.started") {
          turns += 1;
          const task = before!.tasks[event.taskId as TaskId]!;
          assert.ok(task.parentId === undefined || task.reserved, `${where}: ${event.taskId} began without a reservation`);
        }
        for (const task of Object.values(state.tasks)) {
          const left = availableTo(state, task.id);
          const holds = task.reserved !== undefined || task.parentId === undefined;
          assert.ok(
            !holds || (left.tokens >= -1 && left.turns >= 0 && left.usd > -1e-6),
            `${where}: ${task.id} after ${event.seq}: ${JSON.stringify(left)}`,
          );
        }
        assert.ok(
          totalTokens(state.usage) <= budget.tokens && state.costUsd <= budget.usd + 1e-6 && state.turns <= budget.turns,
          `${where}: overspent at ${event.seq}`,
        );
      }
    }
    assert.ok(
      children > 60 && turns > 150 && refusals > 10,
      `the teams were lively: ${children} children, ${turns} turns, ${refusals} refusals`,
    );
  });

  it("is shared by the delegations of one turn", async () => {
    const lead = member("lead", ["helper"]);
    const model: Model = ({ agent, turn }) =>
      agent === "lead" && turn === 0 ? { calls: [1, 2, 3].map((n) => delegate("helper", `part ${n}`)) } : hand({ summary: "done" });
    const world = await createWorld({ model, agents: [lead, member("helper")] });
    const { outcome, events } = await runGoal(world, "share", { agent: "lead" });
    assert.ok(outcome.ok);
    const shares = events
      .filter(({ type }) => type === "budget.reserved")
      .map((event) => (event as EventOf<"budget.reserved">).payload.amount.tokens);
    assert.equal(shares.length, 3);
    assert.ok(Math.min(...shares) > 0.8 * Math.max(...shares), `about equal: ${shares.join()}`);
  });

  it("too small for what an agent wants to hand on is told to it, before anything begins", async () => {
    const many = Array.from({ length: 12 }, (_, n) => delegate("helper", `part ${n}`));
    const model: Model = ({ agent, turn }) => (agent === "lead" && turn === 0 ? { calls: many } : hand({ summary: "done by itself" }));
    const world = await createWorld({ model, agents: [member("lead", ["helper"]), member("helper")] });
    const budget = { ...roomyBudget, tokens: 30_000 };
    const { outcome, events } = await runGoal(world, "share", { agent: "lead", budget });
    assert.ok(outcome.ok && (outcome.value as { status: string }).status === "done", JSON.stringify(outcome));
    const [first] = results(events, "agents__delegate");
    assert.ok(first && !first.ok && first.code === "budget");
    assert.match(
      first.content,
      /^Not started: what is left of your budget \([\d,]+ tokens, \d+ turns and \$5\.00\), shared by 12 delegations,/,
    );
    assert.equal(started(events).length, 1, "the lead alone");
  });

  it("too small for a plan refuses the plan, and takes one that it pays for", async () => {
    const plan = (count: number) =>
      planOf(
        ...Array.from({ length: count }, (_, n) => ({ id: `s${n}`, type: "generate", goal: "x", dependsOn: n > 0 ? [`s${n - 1}`] : [] })),
      );
    const model: Model = ({ agent, turn }) => {
      if (agent === "planning") return plan(turn === 0 ? 20 : 2);
      return agent.endsWith("-review") ? hand({ summary: "ok", score: 1 }) : hand({ summary: "done" });
    };
    const world = await createWorld({ model });
    const { events } = await runGoal(world, "Build a whole new system with many parts and a documentation for all of them", {
      workflow: "parallel",
      budget: { ...roomyBudget, tokens: 120_000 },
    });
    const [refused, taken] = results(events, "agents__submit_plan");
    assert.ok(refused && !refused.ok && refused.code === "budget");
    assert.match(refused.content, /\$5\.00\) does not pay for 20 steps\. Hand in a plan of at most \d steps\.$/);
    assert.ok(taken?.ok, JSON.stringify(taken));
  });

  it("says in the question about a delegation what it would set aside, and of what", async () => {
    const lead = member("lead", ["helper"], { permissions: [{ effect: "ask", tool: "agents__delegate", id: "delegations" }] });
    const model: Model = ({ agent, turn }) =>
      agent === "lead" && turn === 0
        ? { calls: [delegate("helper", "part", { grant: { budget: { tokens: 50_000, usd: 0.5 } } })] }
        : hand({ summary: "done" });
    const world = await createWorld({ model, agents: [lead, member("helper")] });
    const { sessionId } = await runGoal(world, "share", { agent: "lead", level: "default" });
    const [asked] = pendingApprovals((await world.engine.state(sessionId))!);
    assert.match(
      asked?.reasons.at(-1) ?? "",
      /^would set aside up to 50,000 tokens, 379 turns and \$0\.50, of 1,999,880 tokens, 399 turns and \$5\.00 that are left/,
    );
    await world.engine.dispatch({ type: "approval.resolve", sessionId, approvalId: asked!.approvalId, decision: "approve", by: "user" });
    const again = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(again.ok && again.value.status === "done");
    const reserved = (await world.store.read(sessionId)).find(({ type }) => type === "budget.reserved") as EventOf<"budget.reserved">;
    assert.deepEqual(reserved.payload.amount, { usd: 0.5, tokens: 50_000, turns: 379 });
  });

  it("lets no more agents think at once than it says", async () => {
    for (const parallel of [1, 2, 4]) {
      let [now, most] = [0, 0];
      const model: Model = async ({ agent, turn }) => {
        most = Math.max(most, ++now);
        for (let i = 0; i < 5; i++) await new Promise(setImmediate);
        now -= 1;
        return agent === "lead" && turn === 0
          ? { calls: [1, 2, 3, 4, 5].map((n) => delegate("helper", `part ${n}`)) }
          : hand({ summary: "done" });
      };
      const world = await createWorld({ model, agents: [member("lead", ["helper"]), member("helper")] });
      const { outcome } = await runGoal(world, "share", { agent: "lead", budget: { ...roomyBudget, parallel } });
      assert.ok(outcome.ok && (outcome.value as { status: string }).status === "done");
      assert.equal(most, parallel);
    }
  });

  it("overspent by one answer stops the others in the middle of theirs, and keeps what there is", async () => {
    let stopped = 0;
    const model: Model = async (request, signal) => {
      const { agent, turn, messages } = request;
      if (agent === "lead")
        return turn === 0 ? { calls: [delegate("helper", "slow"), delegate("helper", "greedy")] } : hand({ summary: "done" });
      if (turn === 0) return { text: `I have begun.`, calls: [call("filesystem__read_file", { path: "README.md" })] };
      if (JSON.stringify(messages).includes("slow")) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        stopped += 1;
        return { kind: "cancelled", usage: noUsage, costUsd: 0 };
      }
      const usage = { ...noUsage, input: 100, output: 9_000_000 };
      return {
        kind: "answer",
        content: [],
        calls: [call("filesystem__read_file", { path: "README.md" })],
        stop: "calls",
        usage,
        costUsd: 90,
        model: request.model,
      };
    };
    const world = await createWorld({ model, agents: [member("lead", ["helper"]), member("helper")] });
    const { outcome, events } = await runGoal(world, "share", { agent: "lead" });
    assert.ok(outcome.ok);
    const { status, answer, reason } = outcome.value as { status: string; answer: string; reason: string };
    assert.equal(stopped, 1);
    assert.equal(status, "failed");
    assert.match(reason, /overspent \(tokens\); raise it/);
    assert.match(
      answer,
      /^Partial result: 0 of 1 step done\.[^]*helper, unfinished \(slow\): I have begun\.[^]*Spent: 9,00\d,\d+ tokens, \d turns and \$90\.0\d\.$/,
    );
    assert.ok(events.some((event) => event.type === "error" && (event as EventOf<"error">).payload.code === "over_budget"));
  });

  it("of a policy holds a session's lower, never higher", () => {
    assert.deepEqual(leastBudget(roomyBudget, {}), roomyBudget);
    assert.deepEqual(leastBudget(roomyBudget, { usd: 1, minutes: 600, parallel: 1 }), { ...roomyBudget, usd: 1, parallel: 1 });
  });
});

/** Time passes only when the test says so. */
function handClock(): ClockPort & { pass(ms: number): Promise<void> } {
  let now = 0;
  const sleepers = new Set<{ until: number; wake: () => void }>();
  return {
    now: () => "2030-01-01T00:00:00.000Z",
    monotonic: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { until: now + ms, wake: () => (sleepers.delete(sleeper), resolve()) };
        if (signal?.aborted) return resolve();
        sleepers.add(sleeper);
        signal?.addEventListener("abort", sleeper.wake, { once: true });
      }),
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        for (let i = 0; i < 20; i++) await new Promise(setImmediate);
        const next = [...sleepers].toSorted((a, b) => a.until - b.until)[0];
        if (!next || next.until > end) break;
        now = Math.max(now, next.until);
        next.wake();
      }
      now = end;
    },
  };
}

describe("the minutes of a run", () => {
  const minute = 60_000;
  const budget = { ...roomyBudget, minutes: 10 };
  const slow =
    (release: Promise<unknown>[]): Model =>
    async (_request, signal) => {
      const aborted = new Promise((resolve) => signal.addEventListener("abort", () => resolve("aborted"), { once: true }));
      const ended = await Promise.race([aborted, ...release]);
      return ended === "aborted" ? { kind: "cancelled", usage: noUsage, costUsd: 0 } : { text: "Said." };
    };
  const begin = async (world: World) => {
    const running = runGoal(world, "What is in README.md?", { budget });
    await until(
      () => world.store.listSessions(),
      (rows) => rows.length > 0,
    );
    const [row] = await world.store.listSessions();
    return { running, sessionId: row!.id };
  };
  async function until<T>(look: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
    for (let i = 0; i < 100_000; i++) {
      const value = await look();
      if (good(value)) return value;
      await new Promise(setImmediate);
    }
    throw new Error("it never came to that");
  }
  const thinks = (world: World, sessionId: string) =>
    until(
      () => world.engine.state(sessionId),
      (state) => Object.values(state?.tasks ?? {}).some(({ thinkingSince }) => thinkingSince),
    );

  it("end it when they are over", async () => {
    const clock = handClock();
    const world = await createWorld({ model: slow([]), wrap: (ports) => ({ ...ports, clock }) });
    const { running, sessionId } = await begin(world);
    await thinks(world, sessionId);
    await clock.pass(9 * minute);
    assert.equal((await world.engine.state(sessionId))!.run!.status, "running");
    await clock.pass(minute + 1_000);
    const { outcome } = await running;
    assert.ok(outcome.ok);
    assert.match((outcome.value as { reason: string }).reason, /the run's 10 minutes are over/);
  });

  it("go on counting where the program was closed in between", async () => {
    const clock = handClock();
    const world = await createWorld({ model: slow([]), wrap: (ports) => ({ ...ports, clock }) });
    const { running, sessionId } = await begin(world);
    await thinks(world, sessionId);
    await clock.pass(6 * minute);
    await world.engine.close();
    await running;
    const later = handClock();
    const { store, workspace, ids } = world;
    const next = await createWorld({ model: slow([]), store, workspace, ids, wrap: (ports) => ({ ...ports, clock: later }) });
    assert.equal(Math.round((await next.engine.state(sessionId))!.run!.activeMs! / minute), 6);
    const again = next.engine.dispatch({ type: "session.run", sessionId });
    await thinks(next, sessionId);
    await later.pass(3 * minute);
    assert.equal((await next.engine.state(sessionId))!.run!.status, "running");
    await later.pass(1.5 * minute);
    const ended = await again;
    assert.ok(ended.ok && /minutes are over/.test(ended.value.reason ?? ""), JSON.stringify(ended));
    assert.equal((await next.engine.state(sessionId))!.run!.activeMs, undefined, "a person who resumes gives it another ten");
  });

  it("do not pass while a person is waited for", async () => {
    const clock = handClock();
    const model: Model = ({ turn }) => (turn === 0 ? { calls: [call("agents__ask_user", { question: "Which?" })] } : { text: "That one." });
    const world = await createWorld({ model, attended: true, wrap: (ports) => ({ ...ports, clock }) });
    const { running, sessionId } = await begin(world);
    const state = await until(
      () => world.engine.state(sessionId),
      (one) => one !== undefined && pendingInterrupts(one).length > 0,
    );
    await clock.pass(90 * minute);
    assert.equal((await world.engine.state(sessionId))!.run!.status, "running");
    const { interruptId } = pendingInterrupts(state!)[0]!;
    await world.engine.dispatch({ type: "interrupt.resolve", sessionId, interruptId, action: "respond", text: "the first" });
    const { outcome } = await running;
    assert.ok(outcome.ok && (outcome.value as { status: string }).status === "done", JSON.stringify(outcome));
  });

  it("of an agent end that agent alone, which tells how far it came", async () => {
    const clock = handClock();
    const agents = [member("lead", ["helper"]), member("helper", [], { limits: { minutes: 2 } })];
    const model: Model = async ({ agent, turn }, signal) => {
      if (agent === "lead") return turn === 0 ? { calls: [delegate("helper", "part")] } : hand({ summary: "done without it" });
      if (turn === 0) return { text: "Half of it is there.", calls: [call("filesystem__read_file", { path: "README.md" })] };
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      return { kind: "cancelled", usage: noUsage, costUsd: 0 };
    };
    const world = await createWorld({ model, agents, wrap: (ports) => ({ ...ports, clock }) });
    const running = runGoal(world, "share", { agent: "lead" });
    await clock.pass(3 * minute);
    const { outcome, events } = await running;
    assert.ok(outcome.ok && (outcome.value as { status: string }).status === "done", JSON.stringify(outcome));
    const [told] = results(events, "agents__delegate");
    assert.match(
      told?.content ?? "",
      /longer than its 2 minutes \(spent: 120 tokens, 2 turns and \$0\.00\)\nPartial, its newest words: Half of it is there\./,
    );
  });
});

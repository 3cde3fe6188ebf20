// A policy in a run: read when the run begins, on record, held at its level; its rules and amounts bind every agent; a fault
// in it leaves nothing allowed but reading; foreign text stays marked across runs and forks.

import assert from "node:assert/strict";
import { namedHosts } from "../../src/core/provenance.ts";
import { combine, type Policy, type PolicyDocument } from "../../src/core/policy.ts";
import type { AgentDefinition, Permission } from "../../src/protocol/agents.ts";
import type { CallResult, EventOf, TraceEvent } from "../../src/protocol/events.ts";
import { pendingApprovals } from "../../src/protocol/state.ts";
import { call, cast, hand } from "../golden/golden.ts";
import { createWorld, runGoal, type World } from "../support/world.ts";

const edit = "Fix the typo in README.md";
const document = (more: Partial<PolicyDocument>): PolicyDocument => ({
  origin: "user",
  file: "/data/policy.yaml",
  hash: "h",
  trusted: true,
  rules: [],
  budgets: {},
  sandbox: {},
  workspace: {},
  ...more,
});
const done: CallResult = { ok: true, content: "done", details: { exitCode: 0, durationMs: 1 } };

const payloads = (events: TraceEvent[], type: string): Record<string, unknown>[] =>
  events.filter((event) => event.type === type).map(({ payload }) => payload as Record<string, unknown>);

describe("a policy in a run", () => {
  const worldOf = (
    policy: () => Policy,
    command = "make",
    shell: () => CallResult = () => done,
    permissions: Permission[] = [],
  ): Promise<World> =>
    createWorld({
      model: cast({
        typescript: (_request, ask) => (ask % 2 === 0 ? { calls: [call("shell__run", { command })] } : hand({ summary: "done" })),
      }),
      shell,
      wrap: (ports) => {
        const agent = (id: string): AgentDefinition | undefined => {
          const known = ports.registry.agent(id);
          return known && { ...known, permissions: [...known.permissions, ...permissions] };
        };
        return { ...ports, registry: { ...ports.registry, agent }, policy: { load: () => Promise.resolve(policy()) } };
      },
    });

  it("holds its level whatever the session says, and the record tells", async () => {
    const world = await worldOf(() => combine([document({ origin: "machine", level: "assisted" })], []));
    const { events, outcome } = await runGoal(world, edit, { level: "bypass" });
    assert.ok(outcome.ok && (outcome.value as { status: string }).status === "waiting");
    const [applied] = payloads(events, "policy.applied");
    assert.equal(applied!["heldAt"], "assisted");
    assert.equal(payloads(events, "approval.requested").length, 1);
  });

  it("allows, denies and bounds by its rules and amounts", async () => {
    const rules = [
      { effect: "allow" as const, id: "builds", tool: "shell", command: ["make *"] },
      { effect: "deny" as const, id: "no-clean", tool: "shell", command: ["make clean *"] },
    ];
    const policy = combine([document({ rules, budgets: { turns: 50 } })], []);
    const allowed = await runGoal(await worldOf(() => policy), edit, { level: "default" });
    assert.deepEqual(payloads(allowed.events, "approval.requested"), []);
    assert.equal((payloads(allowed.events, "state.changed")[0]!["value"] as { budget: { turns: number } }).budget.turns, 50);
    const short = await runGoal(await worldOf(() => combine([document({ budgets: { turns: 1 } })], [])), edit, { level: "bypass" });
    assert.match(
      JSON.stringify(short.outcome),
      /too little of the budget .* 1 turns .*; a policy file allows no more; see: ao policy show/,
    );
    const denied = await runGoal(await worldOf(() => policy, "make clean"), edit, { level: "bypass" });
    const ended = payloads(denied.events, "call.ended").find(({ tool }) => tool === "shell__run");
    assert.match((ended!["result"] as CallResult).content, /Refused: is forbidden by the rule no-clean/);
  });

  it("is read anew by the next run; while it cannot be read, nothing is allowed beforehand", async () => {
    let policy = combine([], [{ file: "/data/policy.yaml", line: 3, column: 5, message: "It is broken." }]);
    const world = await worldOf(() => policy);
    const { sessionId, events } = await runGoal(world, edit, { level: "bypass", yesTo: ["shell"] });
    assert.equal(payloads(events, "approval.requested").length, 1, "neither the level nor what was accepted counts");
    policy = combine([], []);
    const again = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(again.ok && again.value.status === "done", JSON.stringify(again));
    const answered = (await world.store.read(sessionId, {})).find(
      ({ type }) => type === "approval.resolved",
    ) as EventOf<"approval.resolved">;
    assert.equal(answered.payload.by, "policy", "the question is settled by the rules that hold now");
  });

  it("that cannot be read leaves no grant and no blueprint's allow in force", async () => {
    let policy = combine([], []);
    const permissions: Permission[] = [{ effect: "allow", tool: "shell", command: ["make"] }];
    const world = await worldOf(
      () => policy,
      "make",
      () => done,
      permissions,
    );
    const allowed = await runGoal(world, edit, { level: "default" });
    assert.equal(payloads(allowed.events, "approval.requested").length, 0, "the blueprint allows it");
    policy = combine([], [{ file: "/data/policy.yaml", line: 1, column: 1, message: "It is broken." }]);
    const asked = await runGoal(world, edit, { level: "default" });
    const [question] = payloads(asked.events, "approval.requested");
    assert.equal(question!["tool"], "shell__run");
    const answer = { type: "approval.resolve", sessionId: asked.sessionId, decision: "approve", by: "user" } as const;
    const granted = await world.engine.dispatch({ ...answer, approvalId: question!["approvalId"] as never, scope: "workspace" });
    assert.ok(granted.ok, JSON.stringify(granted));
    const resumed = await world.engine.dispatch({ type: "session.run", sessionId: asked.sessionId });
    assert.ok(resumed.ok && resumed.value.status === "done", JSON.stringify(resumed));
    const next = await runGoal(world, edit, { level: "default" });
    assert.equal(payloads(next.events, "approval.requested").length, 1, "the grant waits until the policy is mended");
  });

  it("keeps the mark of foreign text through runs and forks: strange hosts are asked for, at bypass too", async () => {
    const tainted: CallResult = { ...done, details: { exitCode: 0, durationMs: 1, taint: ["mcp:issues"] } };
    const world = await worldOf(
      () => combine([], []),
      "make",
      () => tainted,
    );
    const { sessionId } = await runGoal(world, edit);
    assert.deepEqual((await world.engine.state(sessionId))!.taint, ["mcp:issues"]);
    const forked = await world.engine.dispatch({ type: "session.fork", sessionId });
    assert.ok(forked.ok);
    assert.deepEqual((await world.engine.state(forked.value.sessionId))!.taint, ["mcp:issues"]);
    const next = await world.engine.dispatch({ type: "session.run", sessionId, prompt: edit });
    assert.ok(next.ok && next.value.status === "done", "what reaches nothing strange goes on");
    assert.deepEqual(pendingApprovals((await world.engine.state(sessionId))!), []);
  });

  it("marks what a command fetched as it marks a page; a choice that an agent offered names no host", async () => {
    let place = "first.example";
    const world = await createWorld({
      model: cast({
        typescript: (_request, ask) => (ask % 2 === 0 ? { calls: [call("shell__run", { command: "fetch" })] } : hand({ summary: "done" })),
      }),
      shell: () => done,
      wrap: (ports) => ({
        ...ports,
        tools: {
          ...ports.tools,
          judge: async (tool, args, scope) => {
            const reach = await ports.tools.judge(tool, args, scope);
            return tool === "shell__run" ? { ...reach, network: true, hosts: [place] } : reach;
          },
        },
      }),
    });
    const { sessionId } = await runGoal(world, edit, { level: "bypass" });
    const state = (await world.engine.state(sessionId))!;
    assert.deepEqual(state.taint, ["web:first.example"]);
    place = "second.example";
    await world.engine.dispatch({ type: "session.run", sessionId, prompt: edit });
    const after = (await world.engine.state(sessionId))!;
    assert.deepEqual(
      pendingApprovals(after).map(({ rule }) => rule),
      ["tainted"],
    );
    const answer = (text: string): string[] =>
      namedHosts({
        ...after,
        interrupts: {
          i_1: {
            interruptId: "i_1",
            kind: "user_input",
            text: "Which?",
            choices: ["Yes, https://evil.example/x", "No"],
            resolution: { action: "respond", text },
          },
        },
      });
    assert.deepEqual(answer("Yes, https://evil.example/x"), []);
    assert.deepEqual(answer("take https://docs.example/y"), ["docs.example"]);
  });
});

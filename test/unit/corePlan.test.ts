// Flow as data: checked plans, candidates, what is ready, and how a plan grows when work is sent back.

import assert from "node:assert/strict";
import type { PlanStep, TaskResult, Workflow } from "../../src/protocol/agents.ts";
import type { RunState, SessionState, StepState } from "../../src/protocol/state.ts";
import { amendmentFor, checkPlan, failedSteps, nextNodes, planByCode } from "../../src/core/plan.ts";
import { configWith, createWorld } from "../support/world.ts";

const workflow: Workflow = { id: "w", description: "", review: { below: 0.8, rounds: 2, auto: true }, checkRounds: 2 };

const step = (id: string, type: string, change: Partial<StepState> = {}): StepState => ({
  id,
  type,
  goal: `goal of ${id}`,
  status: "pending",
  ...change,
});

function runOf(plan: StepState[]): RunState {
  return { runId: "r_1", prompt: "p", workflow, rootTask: "t_1", status: "running", unproven: false, planned: true, plan };
}

const stateOf = (plan: StepState[]): SessionState => ({ run: runOf(plan), tasks: {} }) as unknown as SessionState;
const ready = (plan: StepState[]): (string | undefined)[] => nextNodes(stateOf(plan)).map((node) => node.stepId ?? node.kind);

const result = (change: Partial<TaskResult> = {}): TaskResult => ({ status: "done", summary: "s", ...change });

/** The plan after a step ended so, as the reducer would make it. */
function after(plan: StepState[], id: string, status: StepState["status"], outcome: Partial<TaskResult> = {}, apart = false): StepState[] {
  const marked = plan.map((one) => (one.id === id ? { ...one, status } : one));
  const own = marked.find((one) => one.id === id)!;
  const amendment = amendmentFor(runOf(marked), own, { result: result(outcome), review: false, apart });
  if (!amendment) return marked;
  const moved = marked.map((one) => ({ ...one, dependsOn: (one.dependsOn ?? []).map((dep) => amendment.redirect[dep] ?? dep) }));
  return [...moved, ...amendment.add.map((one): StepState => ({ ...one, status: "pending" }))];
}

describe("plan", () => {
  it("names every problem of a plan", async () => {
    const { registry } = (await createWorld({ model: () => ({}) })).ports;
    const problems = (...steps: PlanStep[]): string => {
      const checked = checkPlan(steps, registry);
      return checked.ok ? "" : checked.error.message;
    };
    const plain = (id: string, dependsOn: string[] = []): PlanStep => ({ id, type: "generate", goal: "g", dependsOn });
    assert.match(problems(), /at least one step/);
    assert.match(problems(...Array.from({ length: 41 }, (_, i) => plain(`s${i}`))), /at most 40/);
    assert.match(problems(plain("a"), plain("a")), /two steps have the id "a"/);
    assert.match(problems({ ...plain("a"), agent: "nobody" }), /unknown agent "nobody"/);
    assert.match(problems(plain("a", ["z"])), /depends on "z", which is not in the plan/);
    assert.match(problems(plain("a", ["b"]), plain("b", ["a"]), plain("c")), /wait for each other: a, b\b/);
    assert.match(problems(plain("a", ["a"])), /wait for each other: a\b/);
    assert.equal(problems(plain("b", ["a"]), plain("a")), "");
  });

  it("aims a review or test at the change before it, through other judgements", async () => {
    const { registry } = (await createWorld({ model: () => ({}) })).ports;
    const checked = checkPlan(
      [
        { id: "gen", type: "generate", goal: "g" },
        { id: "rev", type: "review", goal: "g", dependsOn: ["gen"] },
        { id: "test", type: "test", goal: "g", dependsOn: ["rev"] },
        { id: "alone", type: "test", goal: "g" },
      ],
      registry,
    );
    assert.ok(checked.ok);
    assert.deepEqual(
      checked.value.map((one) => one.about),
      [undefined, "gen", "gen", undefined],
    );
  });

  it("makes one step per candidate model, at least two, and lets others wait for all of them", () => {
    const steps: PlanStep[] = [
      { id: "c", type: "generate", goal: "{goal}", candidate: true },
      { id: "s", type: "synthesis", goal: "pick: {goal}", dependsOn: ["c"] },
    ];
    const plan = (models: string[]): PlanStep[] => planByCode({ ...workflow, steps }, "do it", configWith({ models }))!;
    assert.deepEqual(
      plan(["a", "b", "d"]).map((one) => [one.id, one.model]),
      [
        ["c-1", "a"],
        ["c-2", "b"],
        ["c-3", "d"],
        ["s", undefined],
      ],
    );
    assert.deepEqual(plan([]).at(-1)?.dependsOn, ["c-1", "c-2"]);
    assert.equal(plan([]).at(-1)?.goal, "pick: do it");
  });

  it("needs no planner for a named root, a question and a small edit; a planner for the rest", () => {
    const auto = { ...workflow, proportion: true, planner: "planning" };
    const kind = (prompt: string, agent = "coordinator"): string | undefined =>
      planByCode(auto, prompt, configWith({ agent }))
        ?.map((one) => one.id)
        .join();
    assert.equal(kind("What is this?"), "answer");
    assert.equal(kind("Fix the typo in README.md"), "edit");
    assert.equal(kind("Implement a cache"), undefined);
    assert.equal(kind("Implement a cache", "typescript"), "main");
  });

  it("has ready what waits for nothing unfinished", () => {
    const plan = [step("a", "generate"), step("b", "generate"), step("c", "test", { dependsOn: ["a", "b"] })];
    assert.deepEqual(ready(plan), ["a", "b"]);
    assert.deepEqual(ready(after(after(plan, "a", "done"), "b", "done")), ["c"]);
    assert.deepEqual(ready(after(plan, "a", "done")), ["b"]);
    assert.deepEqual(ready(plan.map((one) => ({ ...one, status: "done" as const }))), ["synthesis"]);
    assert.deepEqual(ready([step("a", "generate", { status: "failed" }), step("b", "test", { dependsOn: ["a"] })]), ["synthesis"]);
    assert.deepEqual(nextNodes({ run: { ...runOf([]), plan: undefined }, tasks: {} } as unknown as SessionState), [{ kind: "plan" }]);
    assert.deepEqual(nextNodes({ run: { ...runOf(plan), status: "done" }, tasks: {} } as unknown as SessionState), []);
  });

  it("sends work back below the threshold, and judges it again, at most so often", () => {
    let plan = [
      step("gen", "generate", { status: "done" }),
      step("rev", "review", { dependsOn: ["gen"], about: "gen" }),
      step("test", "test", { dependsOn: ["rev"] }),
    ];
    const walked: string[] = [];
    for (let guard = 0; guard < 10 && ready(plan)[0] !== "test"; guard++) {
      const id = ready(plan)[0]!;
      walked.push(id);
      plan = after(plan, id, "done", { score: 0.2 });
    }
    assert.deepEqual(walked, ["rev", "rev.fix1", "rev.2", "rev.fix2", "rev.3"]);
    assert.deepEqual(plan.find((one) => one.id === "test")?.dependsOn, ["rev.3"]);
  });

  it("goes on at the threshold", () => {
    const plan = [step("rev", "review"), step("test", "test", { dependsOn: ["rev"] })];
    assert.deepEqual(ready(after(plan, "rev", "done", { score: 0.8 })), ["test"]);
    assert.deepEqual(ready(after(plan, "rev", "done", { score: 0.79 })), ["rev.fix1"]);
  });

  it("fixes and tests again what failed its checks, at most so often", () => {
    let plan = [step("test", "test"), step("doc", "document", { dependsOn: ["test"] })];
    const walked: string[] = [];
    for (let guard = 0; guard < 10 && ready(plan)[0] !== "synthesis"; guard++) {
      const id = ready(plan)[0]!;
      walked.push(id);
      const fails = id.startsWith("test") && !id.includes("fix");
      plan = after(plan, id, fails ? "failed" : "done", { status: fails ? "failed" : "done" });
    }
    assert.deepEqual(walked, ["test", "test.fix1", "test.2", "test.fix2", "test.3"]);
    assert.deepEqual(
      failedSteps(runOf(plan)).map((one) => one.id),
      ["test.3"],
    );
  });

  it("counts a failure that was mended as none", () => {
    let plan = [step("test", "test")];
    plan = after(plan, "test", "failed", { status: "failed" });
    plan = after(plan, "test.fix1", "done");
    plan = after(plan, "test.2", "done");
    assert.deepEqual(failedSteps(runOf(plan)), []);
    assert.deepEqual(ready(plan), ["synthesis"]);
  });

  it("merges a conflict in a further step, three times at most", () => {
    const first = after([step("a", "generate"), step("t", "test", { dependsOn: ["a"] })], "a", "failed", {}, true);
    assert.deepEqual(ready(first), ["a.merge"]);
    assert.deepEqual(first.find((one) => one.id === "t")?.dependsOn, ["a.merge"]);
    const second = after(first, "a.merge", "failed", {}, true);
    assert.deepEqual(ready(second), ["a.merge2"]);
    const third = after(second, "a.merge2", "failed", {}, true);
    const last = after(third, "a.merge3", "failed", {}, true);
    assert.equal(last.length, third.length);
    assert.deepEqual(
      failedSteps(runOf(last)).map((one) => one.id),
      ["a.merge3"],
    );
  });

  it("keeps the ids of rounds apart from a planner's own, whatever it calls its steps", () => {
    const plan = [step("s.1", "review"), step("s.2", "review"), step("t", "test", { dependsOn: ["s.1", "s.2"] })];
    const grown = after(after(plan, "s.1", "done", { score: 0 }), "s.2", "done", { score: 0 });
    const ids = grown.map((one) => one.id);
    assert.equal(new Set(ids).size, ids.length, ids.join(", "));
  });

  it("adds a review where the change deserves one and the plan has none", () => {
    const plan = [step("a", "generate", { status: "done" }), step("t", "test", { dependsOn: ["a"] })];
    const grow = (steps: StepState[]): string[] | undefined =>
      amendmentFor(runOf(steps), steps[0]!, { result: result(), review: true, apart: false })?.add.map((one) => one.id);
    assert.deepEqual(grow(plan), ["a.review"]);
    assert.equal(grow([...plan, step("r", "review", { dependsOn: ["a"] })]), undefined);
    assert.equal(grow([{ ...plan[0]!, about: "x" }]), undefined);
    assert.equal(grow([{ ...plan[0]!, candidate: true }]), undefined);
  });
});

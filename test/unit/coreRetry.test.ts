// Going on after a failure: what failed is tried once more by new tasks, what was done is not paid for twice.

import assert from "node:assert/strict";
import { createWorld, runGoal, type Reply } from "../support/world.ts";

const plan = {
  calls: [
    {
      tool: "agents__submit_plan",
      arguments: {
        steps: [
          { id: "one", type: "generate", goal: "one" },
          { id: "two", type: "generate", goal: "two", dependsOn: ["one"] },
          { id: "three", type: "generate", goal: "three", dependsOn: ["two"] },
        ],
      },
    },
  ],
};
const result = (status: string): Reply => ({ calls: [{ tool: "agents__submit_result", arguments: { status, summary: status } }] });

describe("a run that failed", () => {
  it("is gone on with at the step that failed", async () => {
    const asked: string[] = [];
    let broken = true;
    const world = await createWorld({
      model: ({ agent, messages }) => {
        if (agent === "planning") return plan;
        if (agent === "coordinator") return { text: "All done." };
        const goal = JSON.stringify(messages[0]).includes('"two') ? "two" : JSON.stringify(messages[0]).includes('"one') ? "one" : "three";
        asked.push(goal);
        return result(goal === "two" && broken ? "failed" : "done");
      },
    });
    const { sessionId, outcome } = await runGoal(world, "Implement one, two and three");
    assert.ok(outcome.ok);
    assert.equal((outcome.value as { status: string }).status, "failed");
    assert.deepEqual(asked, ["one", "two"]);
    broken = false;
    const again = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(again.ok);
    assert.equal(again.value.status, "done", again.value.reason);
    assert.deepEqual(asked, ["one", "two", "two", "three"]);
  });

  it("is planned again when the planner failed", async () => {
    let broken = true;
    const world = await createWorld({
      model: ({ agent }) => {
        if (agent === "planning") return broken ? result("failed") : plan;
        return agent === "coordinator" ? { text: "All done." } : result("done");
      },
    });
    const { sessionId, outcome } = await runGoal(world, "Implement one, two and three");
    assert.ok(outcome.ok);
    assert.equal((outcome.value as { status: string }).status, "failed");
    broken = false;
    const again = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(again.ok);
    assert.equal(again.value.status, "done", again.value.reason);
  });
});

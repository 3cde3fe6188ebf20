// Whole sessions made again from their record alone: those that ran through and those whose processes died anywhere.

import assert from "node:assert/strict";
import type { RegistryPort } from "../../src/core/ports.ts";
import { type Divergence, replay } from "../../src/core/replay.ts";
import type { EventType } from "../../src/protocol/events.ts";
import { registry } from "../support/world.ts";
import { recordingOf, replayed } from "./again.ts";
import { batchEnds, live, type Machine, newMachine } from "./lives.ts";
import { type Story, stories } from "./story.ts";

for (const story of stories) {
  describe(`made again: ${story.name}`, () => {
    it("as it ran through", async () => {
      const machine = await newMachine(story, true);
      await live(machine);
      const { divergence, lives } = await replayed(machine);
      assert.deepEqual(divergence, undefined);
      assert.ok(lives > 0);
    });

    it("as it went on after it died", async () => {
      const whole = await newMachine(story, true);
      const ends = await batchEnds(whole, live);
      for (const [i, seq] of ends.entries()) {
        const machine = await newMachine(story, true);
        await live(machine, { death: { seq, when: i % 2 === 0 ? "next" : "recorded" } });
        await live(machine);
        const { divergence, lives } = await replayed(machine);
        assert.deepEqual(divergence, undefined, `died at ${seq}`);
        assert.ok(lives > 0);
      }
    });
  });
}

describe("a record that is made again otherwise", () => {
  const [story] = stories as [Story];
  let machine: Machine;
  before(async () => {
    machine = await newMachine(story, true);
    await live(machine);
  });

  const changed = async (type: EventType, change: (payload: Record<string, unknown>) => void): Promise<Divergence | undefined> => {
    let seq = 0;
    const { divergence } = await replayed(machine, ({ events }) => {
      const event = events.findLast((one) => one.type === type)!;
      seq = event.seq;
      change(event.payload as Record<string, unknown>);
    });
    assert.ok(divergence, `a change of the last ${type} went unseen`);
    assert.ok(divergence.seq >= seq, `${divergence.seq} is before the change at ${seq}`);
    return divergence;
  };

  it("is told from the event on that is another", async () => {
    const told = await changed("run.ended", (payload) => (payload["answer"] = "Something else"));
    assert.equal(told?.type, "run.ended");
    assert.match(told.expected, /^answer "Something else"/);
    await changed("receipt.issued", (payload) => (payload["exitCode"] = 1));
    await changed("workflow.node.exit", (payload) => (payload["status"] = "failed"));
    await changed("turn.started", (payload) => (payload["contextHash"] = "sha256:0"));
    await changed("work.merged", (payload) => (payload["files"] = []));
  });

  it("also where an agent has other instructions, and where one is gone", async () => {
    const bundled = await registry;
    const recording = await recordingOf(machine);
    const soon = (work: () => void): void => void setImmediate(work);
    const reworded: RegistryPort = {
      ...bundled,
      agent: (id) => {
        const agent = bundled.agent(id);
        return agent && id === "typescript" ? { ...agent, instructions: `${agent.instructions} Be brief.` } : agent;
      },
    };
    const { divergence } = await replay(recording, { registry: reworded, soon });
    assert.equal(divergence?.type, "turn.started");
    assert.match(divergence.expected, /^contextHash/);
    const { divergence: missing } = await replay(recording, {
      registry: { ...bundled, agent: (id) => (id === "testing" ? undefined : bundled.agent(id)) },
      soon,
    });
    assert.ok(missing);
  });
});

// A conversation near the model's window: counted only then, answered as long as there is room, freed of what is too large
// for it, and ended with a clear word where its task alone does not fit.

import assert from "node:assert/strict";
import { reader } from "../support/longWork.ts";
import { createWorld, runGoal } from "../support/world.ts";

type Seen = { status: string; reason: string; counts: number; room: number; results: string[] };

const read = { calls: [{ tool: "filesystem__read_file", arguments: { path: "big.txt" } }] };

/** A goal and a file of so many characters; the file is read in the first turn. */
async function withSizes({ goal = 0, file = 0 }: { goal?: number; file?: number }): Promise<Seen> {
  const seen = { counts: 0, room: 0, results: [] as string[] };
  const world = await createWorld({
    files: { "big.txt": "x".repeat(file) },
    agents: [reader],
    model: ({ turn, maxTokens, messages }) => {
      seen.room = maxTokens;
      const last = messages.at(-1);
      if (last?.role === "results") seen.results = last.results.map(({ result }) => result.content);
      return turn === 0 ? read : { text: "Read." };
    },
  });
  const { models } = world.ports;
  const count = models.countTokens.bind(models);
  models.countTokens = (request, signal) => {
    seen.counts += 1;
    return count(request, signal);
  };
  const { outcome } = await runGoal(world, `What is in big.txt? ${"y".repeat(goal)}`, { agent: "reader" });
  assert.ok(outcome.ok);
  const { status, reason = "" } = outcome.value as { status: string; reason?: string };
  return { status, reason, ...seen };
}

describe("the model's window", () => {
  it("costs no count while the conversation is small", async () => {
    const { status, counts, room } = await withSizes({ file: 1_000 });
    assert.deepEqual({ status, counts, room }, { status: "done", counts: 0, room: 16_000 });
  });

  it("shortens the answer when the conversation comes near it", async () => {
    const { status, counts, room } = await withSizes({ goal: 740_000 });
    assert.equal(status, "done");
    assert.ok(counts > 0);
    assert.ok(room < 16_000 && room > 1_000, String(room));
  });

  it("sets aside what a call brought where that alone does not fit, and says how to have it in pages", async () => {
    const { status, results } = await withSizes({ file: 900_000 });
    assert.equal(status, "done");
    assert.match(results.join(), /^\[set aside to save room: about 225020 tokens\. agents__recall \{"item": 1\} shows it again\]$/);
  });

  it("ends the turn with the figures when the task itself does not fit, and loses nothing", async () => {
    const { status, reason } = await withSizes({ goal: 900_000 });
    assert.equal(status, "failed");
    assert.match(reason, /too many for the 200000/);
  });
});

// A conversation near the model's window: counted only then, answered as long as there is room, and ended with a clear
// word when there is none.

import assert from "node:assert/strict";
import { createWorld, runGoal } from "../support/world.ts";

const read = { calls: [{ tool: "filesystem__read_file", arguments: { path: "big.txt" } }] };

async function withFileOf(characters: number): Promise<{ status: string; reason: string; counts: number; room: number }> {
  let counts = 0;
  let room = 0;
  const world = await createWorld({
    files: { "big.txt": "x".repeat(characters) },
    model: ({ turn, maxTokens }) => {
      room = maxTokens;
      return turn === 0 ? read : { text: "Read." };
    },
  });
  const { models } = world.ports;
  const count = models.countTokens.bind(models);
  models.countTokens = (request, signal) => {
    counts += 1;
    return count(request, signal);
  };
  const { outcome } = await runGoal(world, "What is in big.txt?");
  assert.ok(outcome.ok);
  const { status, reason = "" } = outcome.value as { status: string; reason?: string };
  return { status, reason, counts, room };
}

describe("the model's window", () => {
  it("costs no count while the conversation is small", async () => {
    assert.deepEqual(await withFileOf(1_000), { status: "done", reason: "", counts: 0, room: 16_000 });
  });

  it("shortens the answer when the conversation comes near it", async () => {
    const { status, counts, room } = await withFileOf(780_000);
    assert.equal(status, "done");
    assert.equal(counts, 1);
    assert.ok(room < 16_000 && room > 1_000, String(room));
  });

  it("ends the turn with the figures when it does not fit, and loses nothing", async () => {
    const { status, reason } = await withFileOf(900_000);
    assert.equal(status, "failed");
    assert.match(reason, /too many for the 200000/);
  });
});

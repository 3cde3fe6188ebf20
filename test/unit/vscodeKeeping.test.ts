// Two small habits of the extension: work that follows events is never done twice at a time, and a bounded memory keeps
// what is in use.

import assert from "node:assert/strict";
import { forgetOldest } from "../../src/vscode/forgetOldest.ts";
import { oneAtATime } from "../../src/vscode/oneAtATime.ts";

describe("work that follows events", () => {
  it("is done once for many, never twice at a time, and once more for those that come meanwhile", async () => {
    let [begun, going, most] = [0, 0, 0];
    const finish: (() => void)[] = [];
    const plan = oneAtATime(async () => {
      begun++;
      most = Math.max(most, ++going);
      await new Promise<void>((resolve) => finish.push(resolve));
      going--;
      if (begun === 1) throw new Error("once");
    });
    const turn = (): Promise<void> => new Promise((next) => setImmediate(() => setImmediate(next)));
    for (let count = 0; count < 3; count++) plan();
    await turn();
    assert.equal(begun, 1);
    for (let count = 0; count < 3; count++) plan();
    await turn();
    assert.equal(begun, 1, "not while it is done");
    finish.shift()!();
    await turn();
    assert.equal(begun, 2, "also after one that failed");
    finish.shift()!();
    await turn();
    assert.deepEqual([begun, most], [2, 1]);
  });
});

describe("a memory with a bound", () => {
  it("keeps all that is in use, and of the rest the newest", () => {
    const keys = Array.from({ length: 120 }, (_, at) => at);
    const memory = new Map(keys.map((key) => [key, key]));
    const inUse = new Set(keys.slice(0, 60));
    forgetOldest(memory, inUse, 50);
    assert.deepEqual([...memory.keys()], [...keys.slice(0, 60), ...keys.slice(70)]);
  });
});

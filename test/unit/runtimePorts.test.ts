// The ids that a Node program gives to core: of the promised form, and never the same twice, across refills of the pool.

import assert from "node:assert/strict";
import { nodeIds } from "../../src/runtime/nodePorts.ts";

describe("the source of ids", () => {
  it("gives ids of the promised form, each once", () => {
    const ids = Array.from({ length: 5000 }, () => nodeIds.next("t"));
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^t_[0-9a-z]{10}$/);
  });

  it("gives numbers from 0 to below 1, spread over the whole range", () => {
    const tenths = new Set<number>();
    for (let i = 0; i < 5000; i++) {
      const x = nodeIds.random();
      assert.ok(x >= 0 && x < 1);
      tenths.add(Math.floor(x * 10));
    }
    assert.equal(tenths.size, 10);
  });
});

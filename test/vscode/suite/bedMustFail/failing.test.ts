// Fails on purpose, in the ways in which a test can: the bed must tell of each.

import assert from "node:assert/strict";

describe("a test that fails", () => {
  it("by an assertion", () => assert.equal(1 + 1, 3));
  it("by a rejection", async () => {
    await Promise.reject(new Error("on purpose"));
  });
});

import assert from "node:assert/strict";
import { closest } from "../../src/registry/closest.ts";

describe("closest", () => {
  const names = ["coordinator", "planning", "python", "rust", "code-review"];
  for (const [typed, meant] of [
    ["cordinator", "coordinator"],
    ["Planing", "planning"],
    ["pyhton", "python"],
    ["rsut", "rust"],
    ["code_review", "code-review"],
    ["haskell", undefined],
    ["x", undefined],
    ["", undefined],
  ] as const)
    it(`${JSON.stringify(typed)} → ${meant ?? "nothing"}`, () => assert.equal(closest(typed, names), meant));
});

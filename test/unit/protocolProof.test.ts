// What is said of a result's checks: only what ran on exactly its tree counts, and each check is named once.

import assert from "node:assert/strict";
import type { Receipt } from "../../src/protocol/events.ts";
import { describeProof, proofsOf } from "../../src/protocol/proof.ts";
import type { LandingState } from "../../src/protocol/state.ts";

const landing: LandingState = { approvalId: "a_1", commit: "c", tree: "now", files: [] };
const receipt = (more: Partial<Receipt>): Receipt => ({
  receiptId: "p_1",
  kind: "test",
  command: "npm test",
  exitCode: 0,
  outputHash: "sha256:x",
  tree: "now",
  durationMs: 1,
  ...more,
});
const says = (...receipts: Partial<Receipt>[]): string[] =>
  proofsOf({ landing, receipts: receipts.map(receipt) }).map((proof) => `${proof.receipt.command} ${proof.says}`);

describe("proofs", () => {
  const cases: [string, Partial<Receipt>[], string[]][] = [
    ["passed", [{}], ["npm test passed"]],
    ["failed", [{ exitCode: 1 }], ["npm test failed"]],
    ["altered", [{ altered: true }], ["npm test altered"]],
    ["stale", [{ tree: "before" }], ["npm test stale"]],
    ["the newest of one tree", [{ exitCode: 1 }, {}], ["npm test passed"]],
    ["this tree's, whatever ran elsewhere since", [{}, { tree: "elsewhere", exitCode: 1 }], ["npm test passed"]],
    ["each check by itself", [{ tree: "before" }, { command: "npm run lint" }], ["npm test stale", "npm run lint passed"]],
  ];
  for (const [name, receipts, expected] of cases) it(name, () => assert.deepEqual(says(...receipts), expected));

  const taken: LandingState = { ...landing, decision: "applied" };
  const partly: LandingState = {
    ...taken,
    parts: [
      { path: "a", decision: "applied" },
      { path: "b", decision: "discarded" },
    ],
  };
  const words: [string, LandingState, RegExp | undefined][] = [
    ["of what was taken whole", taken, /passed on exactly this result$/],
    ["of what was taken in parts: as proposed", partly, /passed on the result as proposed, of which only parts/],
    ["of what is taken in parts so far", { ...landing, parts: [{ path: "a", decision: "applied" }] }, /as proposed/],
    ["of what was joined by hand", { ...taken, parts: [{ path: "a", decision: "applied", joined: true }] }, /as proposed/],
    ["nothing of what was discarded", { ...landing, decision: "discarded" }, undefined],
  ];
  for (const [name, of, expected] of words)
    it(`says ${name}`, () => {
      const [proof] = proofsOf({ landing: of, receipts: [receipt({})] });
      if (expected) assert.match(describeProof(proof!), expected);
      else assert.equal(proof, undefined);
    });

  it("none where nothing is proposed", () => assert.deepEqual(proofsOf({ receipts: [receipt({})] }), []));
});

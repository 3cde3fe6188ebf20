// What is said of a result's checks: only what ran on exactly its tree counts, and each check is named once.

import assert from "node:assert/strict";
import type { Receipt } from "../../src/protocol/events.ts";
import { proofsOf } from "../../src/protocol/proof.ts";
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

  it("none where nothing is proposed", () => assert.deepEqual(proofsOf({ receipts: [receipt({})] }), []));
});

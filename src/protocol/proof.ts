// What the receipts of a run say of its result: a check proves the tree that it ran on, and any edit after it makes that
// stale (A11).

import type { Receipt } from "./events.ts";
import { standingOf } from "./landed.ts";
import type { SessionState } from "./state.ts";

/**
 * The newest run of a check: on exactly this result it passed, failed, or says nothing; `stale`: only on what was before.
 * `partly`: the user's files do not hold the result as it was proposed.
 */
export type Proof = { receipt: Receipt; says: "passed" | "failed" | "altered" | "stale"; partly?: true };

/** Of a result that nobody has refused or taken back. */
export function proofsOf(state: Pick<SessionState, "receipts"> & Parameters<typeof standingOf>[0]): Proof[] {
  const { receipts, landing } = state;
  if (!landing || landing.decision === "discarded") return [];
  const standing = standingOf(state);
  const isPartly = standing === "partly" || (standing === "waiting" && (landing.parts ?? []).length > 0);
  const partly = isPartly ? { partly: true as const } : {};
  const newest = new Map<string, Receipt>();
  for (const receipt of receipts) {
    const known = newest.get(receipt.command);
    // One on this result says more than a later one elsewhere, in a folder of another agent.
    if (known?.tree !== landing.tree || receipt.tree === landing.tree) newest.set(receipt.command, receipt);
  }
  return [...newest.values()].map((receipt) => ({ receipt, says: saysOf(receipt, landing.tree), ...partly }));
}

function saysOf({ tree, exitCode, altered }: Receipt, present: string | undefined): Proof["says"] {
  if (tree !== present) return "stale";
  if (exitCode !== 0) return "failed";
  return altered ? "altered" : "passed";
}

const words: Record<Proof["says"], string> = {
  passed: "passed on exactly this result",
  failed: "fails on this result",
  altered: "passed, but an agent changed what it does: it proves nothing",
  stale: "was run before later edits: it says nothing of this result",
};

export function describeProof({ receipt: { command }, says, partly }: Proof): string {
  if (partly && (says === "passed" || says === "failed"))
    return `${command} ${says === "passed" ? "passed" : "fails"} on the result as proposed, of which only parts were taken`;
  return `${command} ${words[says]}`;
}

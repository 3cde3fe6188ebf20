// The run loop: what is ready in the plan is run, up to the parallel limit, until nothing is left that can go on.
// State is only what the log says, so that a loop cut off anywhere continues by being called again.

import type { RunOutcome } from "../protocol/commands.ts";
import type { NodeRef } from "../protocol/events.ts";
import { conclude } from "./conclude.ts";
import { runNode } from "./nodes.ts";
import { nextNodes } from "./plan.ts";
import { type Run, stateOf } from "./run.ts";

export async function runLoop(run: Run): Promise<RunOutcome> {
  const active = new Map<string, Promise<void>>();
  const parked = new Map<string, string>();
  for (;;) {
    const next = run.signal.aborted ? [] : nextNodes(stateOf(run));
    const free = stateOf(run).config.budget.parallel - active.size;
    const ready = next
      .filter((node) => node.kind !== "synthesis" && !active.has(keyOf(node)) && !parked.has(keyOf(node)))
      .slice(0, Math.max(0, free));
    for (const node of ready) active.set(keyOf(node), enter(run, node, active, parked));
    if (active.size === 0) return conclude(run, [...parked.values()]);
    await Promise.race(active.values());
  }
}

async function enter(run: Run, node: NodeRef, active: Map<string, Promise<void>>, parked: Map<string, string>): Promise<void> {
  const end = await runNode(run, node);
  active.delete(keyOf(node));
  if (end.kind === "parked") parked.set(keyOf(node), end.reason);
}

function keyOf(node: NodeRef): string {
  return node.stepId ?? node.kind;
}

// Plans that code makes for a follow-up: steps that mend, and the project's checks after them where code is concerned.

import type { PlanStep } from "../protocol/agents.ts";
import type { EventDraft } from "../protocol/events.ts";
import { ownChecks } from "./projectChecks.ts";
import { isProse } from "./proportion.ts";
import type { Run } from "./run.ts";

/** `about`: the files that the steps are about. */
export async function plannedByCode(run: Run, steps: PlanStep[], about: string[]): Promise<EventDraft> {
  const isTested = (await ownChecks(run)).some(({ kind }) => kind === "test");
  const goal = "Run the project's checks on what was changed";
  const checks: PlanStep = { id: "checks", type: "test", goal, given: [], dependsOn: steps.map(({ id }) => id) };
  const all = isTested && !about.every(isProse) ? [...steps, checks] : steps;
  return { type: "plan.submitted", actor: "orchestrator", payload: { steps: all, by: "workflow" } };
}

/** The name of a step that joins what no longer fits; known again in whatever try it is. */
export function joinStep(agent: string | undefined): string {
  return agent === undefined ? "join" : `join-${agent}`;
}

export function isJoin(stepId: string): boolean {
  return /^join(-|\.|$)/.test(stepId);
}

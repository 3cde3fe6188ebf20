// Plans that code makes for a follow-up: steps that mend, and the project's checks after them where code is concerned.

import type { PlanStep } from "../protocol/agents.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { SessionState, StepState } from "../protocol/state.ts";
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

function isJoin(stepId: string): boolean {
  return /^join(-|\.|$)/.test(stepId);
}

/** What was to be joined (join.ts) and is not: it waits again when the run ends without it. */
export function hasUnjoined({ run, waited, landing }: SessionState): boolean {
  const plan = run?.plan ?? [];
  const isOpen = ({ id, status }: StepState): boolean =>
    isJoin(id) && status !== "done" && !plan.some((other) => other.supersedes === id && other.status === "done");
  return waited !== undefined && landing === undefined && plan.some(isOpen);
}

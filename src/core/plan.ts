// Flow as data (A6): how a plan comes about from a workflow, what is ready in it, and how it grows when a review or a
// check sends work back. Pure functions over the session's state; the run loop executes what they say.

import type { Finding, PlanStep, TaskResult, Workflow } from "../protocol/agents.ts";
import type { NodeRef, SessionConfig } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { ok, type Result } from "../protocol/result.ts";
import { childrenOf, isTerminal, type RunState, type SessionState, type StepState, type TaskState } from "../protocol/state.ts";
import type { RegistryPort } from "./ports.ts";
import { proportionOf } from "./proportion.ts";
import { agentIdForStep, languageOfPaths } from "./routing.ts";

export const mainStep = "main";
/** The planner's task among the children of the root. */
const mostSteps = 40;

/** Where the code knows the plan without asking a planner: fixed workflows, a named root agent, small goals. */
export function planByCode(workflow: Workflow, prompt: string, config: SessionConfig): PlanStep[] | undefined {
  if (config.agent !== "coordinator" && config.agent !== (workflow.planner ?? "planning"))
    return [{ id: mainStep, type: "generate", goal: prompt, agent: config.agent }];
  if (workflow.proportion) {
    const proportion = proportionOf(prompt);
    if (proportion === "answer") return [{ id: "answer", type: "answer", goal: prompt }];
    if (proportion === "edit") return [{ id: "edit", type: "generate", goal: prompt }];
  }
  if (!workflow.steps) return undefined;
  const steps = withCandidates(workflow.steps, config.models);
  return steps.map((step) => aimReview({ ...step, goal: step.goal.replaceAll("{goal}", prompt) }, steps));
}

/** A candidate step stands for one step per model, at least two. */
function withCandidates(steps: PlanStep[], models: string[]): PlanStep[] {
  const copies = new Map<string, string[]>();
  const expanded = steps.flatMap((step) => {
    if (!step.candidate) return [step];
    const several: PlanStep[] = Array.from({ length: Math.max(2, models.length) }, (_, i) => {
      const model = models[i];
      return { ...step, id: `${step.id}-${i + 1}`, ...(model === undefined ? {} : { model }) };
    });
    copies.set(
      step.id,
      several.map((one) => one.id),
    );
    return several;
  });
  return expanded.map((step) => ({ ...step, dependsOn: (step.dependsOn ?? []).flatMap((id) => copies.get(id) ?? [id]) }));
}

/** A planner's plan, checked: known agents, no duplicate or dangling ids, no cycle. The message tells the planner what to mend. */
export function checkPlan(steps: PlanStep[], registry: RegistryPort): Result<PlanStep[]> {
  const problems: string[] = [];
  const ids = new Set<string>();
  if (steps.length === 0) problems.push("a plan needs at least one step");
  if (steps.length > mostSteps) problems.push(`a plan has at most ${mostSteps} steps`);
  for (const step of steps) {
    if (ids.has(step.id)) problems.push(`two steps have the id "${step.id}"`);
    ids.add(step.id);
    const agent = agentIdForStep(step);
    if (!registry.agent(agent)) problems.push(`step "${step.id}" names the unknown agent "${agent}"`);
  }
  for (const step of steps) {
    for (const dependency of step.dependsOn ?? [])
      if (!ids.has(dependency)) problems.push(`step "${step.id}" depends on "${dependency}", which is not in the plan`);
  }
  const stuck = cyclic(steps);
  if (stuck.length > 0) problems.push(`these steps wait for each other: ${stuck.join(", ")}`);
  if (problems.length > 0) return { ok: false, error: { code: "invalid", message: `The plan was not taken: ${problems.join("; ")}.` } };
  return ok(steps.map((step) => aimReview(step, steps)));
}

/** A planner names what a review or test is about by its dependency; keep that as data. */
function aimReview(step: PlanStep, steps: PlanStep[]): PlanStep {
  if (step.about !== undefined || (step.type !== "review" && step.type !== "test")) return step;
  const about = originOf(step, steps);
  return about === undefined ? step : { ...step, about };
}

/** The nearest earlier step that makes changes. */
function originOf(step: PlanStep, steps: PlanStep[], seen = new Set<string>()): string | undefined {
  for (const id of step.dependsOn ?? []) {
    if (seen.has(id)) continue;
    seen.add(id);
    const before = steps.find((other) => other.id === id);
    if (!before) continue;
    if (before.type !== "review" && before.type !== "test") return before.id;
    const further = originOf(before, steps, seen);
    if (further !== undefined) return further;
  }
  return undefined;
}

function cyclic(steps: PlanStep[]): string[] {
  let left = steps;
  for (;;) {
    const ids = new Set(left.map((step) => step.id));
    const next = left.filter((step) => (step.dependsOn ?? []).some((id) => ids.has(id)));
    if (next.length === left.length) return left.map((step) => step.id);
    left = next;
  }
}

/** The nodes that may be worked on now: ready ones, running ones, and those that an earlier process left open. */
export function nextNodes(state: SessionState): NodeRef[] {
  const run = state.run;
  if (!run || run.status !== "running") return [];
  if (!run.plan || isPlanning(state)) return [{ kind: "plan" }];
  const open = run.plan.filter((step) => !isTerminal(step.status) && dependenciesMet(step, run.plan!));
  if (open.length > 0) return open.map((step) => ({ kind: "step", stepId: step.id }));
  return run.plan.every((step) => isTerminal(step.status) || doomed(step, run.plan!)) ? [{ kind: "synthesis" }] : [];
}

/** A planner that handed in its plan may still have to be brought to its end. */
function isPlanning({ run, tasks }: SessionState): boolean {
  return Object.values(tasks).some((task) => task.parentId === run?.rootTask && isPlanner(task) && !isTerminal(task.status));
}

export function isPlanner({ key }: TaskState): boolean {
  return key !== undefined && /^plan(\.\d+)?$/.test(key);
}

/** A planner that failed is not asked again: the next one is a task of its own. */
export function plannerKey(state: SessionState, rootTask: TaskId): string {
  const failed = childrenOf(state, rootTask).filter((child) => isPlanner(child) && child.status === "failed");
  return failed.length === 0 ? "plan" : `plan.${failed.length + 1}`;
}

function dependenciesMet(step: StepState, plan: StepState[]): boolean {
  return (step.dependsOn ?? []).every((id) => {
    const before = plan.find((other) => other.id === id);
    return before !== undefined && (before.status === "done" || isSpare(before, plan));
  });
}

/** A candidate that failed is no loss where the same choice has another one that is done. */
function isSpare({ id, candidate, status }: StepState, plan: StepState[]): boolean {
  if (!candidate || status === "done" || !isTerminal(status)) return false;
  const choices = plan.filter((step) => step.dependsOn?.includes(id));
  return plan.some((other) => other.candidate && other.status === "done" && choices.some((step) => step.dependsOn?.includes(other.id)));
}

/** A step that can never start, because something that it waits for failed for good. */
function doomed(step: StepState, plan: StepState[]): boolean {
  return (step.dependsOn ?? []).some((id) => {
    const before = plan.find((other) => other.id === id);
    return (
      !before ||
      (isTerminal(before.status) && before.status !== "done" && !isSpare(before, plan)) ||
      (before.status === "pending" && doomed(before, plan))
    );
  });
}

/** Steps that count as failures of the run: failed, and neither spare nor replaced by a later, better outcome. */
export function failedSteps(run: RunState): StepState[] {
  const plan = run.plan ?? [];
  return plan.filter(
    (step) =>
      (step.status === "failed" || step.status === "cancelled") &&
      !isSpare(step, plan) &&
      !plan.some((other) => other.supersedes === step.id),
  );
}

/** What failed about it: its own words, or why what it did could not be joined. */
export function describeFailure({ tasks }: SessionState, step: StepState): string {
  const task = step.taskId === undefined ? undefined : tasks[step.taskId];
  return `Step ${step.id} failed: ${task?.conflict ? describeConflict(task.conflict) : (task?.output?.summary ?? step.goal)}`;
}

function describeConflict({ files, fails }: NonNullable<TaskState["conflict"]>): string {
  const why = fails ? `"${fails.command}" fails on it together with the others'` : `others changed the same places of ${files.join(", ")}`;
  return `its work could not be joined, since ${why}; both are on record`;
}

export type Amendment = { add: PlanStep[]; redirect: Record<string, string>; reason: string };

/** What a finished step means for the rest of the plan: nothing, a review, or another round. */
export function amendmentFor(
  run: RunState,
  step: StepState,
  outcome: { result: TaskResult; review: boolean; apart: boolean },
): Amendment | undefined {
  const { workflow } = run;
  const plan = run.plan ?? [];
  if (outcome.apart) return mergeRound(step);
  if (step.type === "review") return afterReview(workflow, plan, step, outcome.result);
  if (step.type === "test" && outcome.result.status === "failed")
    return fixRound(plan, step, { rounds: workflow.checkRounds, reason: "the checks failed", findings: outcome.result.findings ?? [] });
  if (!outcome.review || step.candidate || step.about !== undefined || hasReview(plan, step.id)) return undefined;
  const review: PlanStep = {
    id: `${step.id}.review`,
    type: "review",
    goal: `Judge the change that was made for this goal: ${step.goal}`,
    about: step.id,
    dependsOn: [step.id],
    ...filesOf(step),
  };
  return { add: [review], redirect: { [step.id]: review.id }, reason: `the change of step "${step.id}" is large enough for the reviewers` };
}

function hasReview(plan: StepState[], stepId: string): boolean {
  return plan.some((other) => other.type === "review" && (other.about === stepId || (other.dependsOn ?? []).includes(stepId)));
}

function afterReview(workflow: Workflow, plan: StepState[], step: StepState, result: TaskResult): Amendment | undefined {
  const { below, rounds } = workflow.review;
  const score = result.score ?? 0;
  if (result.status !== "done" || score >= below) return undefined;
  return fixRound(plan, step, { rounds, reason: `the review scored ${score.toFixed(2)}, below ${below}`, findings: result.findings ?? [] });
}

type Judgement = { rounds: number; reason: string; findings: Finding[] };

/** A fix, then the same judgement again; who waited for the old judgement waits for the new one. */
function fixRound(plan: StepState[], step: StepState, { rounds, reason, findings }: Judgement): Amendment | undefined {
  const round = (step.round ?? 0) + 1;
  if (round > rounds) return undefined;
  const root = step.round === undefined ? step.id : step.id.replace(/\.\d+$/, "");
  const judged = judgedBy(plan, step);
  const places = findings.flatMap((finding) => finding.file ?? []);
  const language = languageOfPaths(places) ?? judged.map((work) => work.language).find((one) => one !== undefined);
  const files = [...new Set([...judged.flatMap((work) => work.files ?? []), ...places])];
  const judges = step.type === "review" ? "reviewers" : "checks";
  const fix: PlanStep = {
    id: `${root}.fix${round}`,
    type: "fix",
    goal: `Mend what the ${judges} found in the work for ${judged.length > 1 ? "these goals" : "this goal"}: ${judged.map((work) => work.goal).join("; ")}`,
    about: step.id,
    round,
    // A failed step is never "done": its fix begins at once.
    dependsOn: step.type === "test" ? [] : [step.id],
    ...(files.length > 0 ? { files } : {}),
    ...(language === undefined ? {} : { language }),
  };
  const again: PlanStep = { ...plain(step), id: `${root}.${round + 1}`, round, dependsOn: [fix.id], supersedes: step.id };
  return { add: [fix, again], redirect: { [step.id]: again.id }, reason };
}

/** A run that failed is gone on with: what failed for good is tried once more, by new tasks. */
export function retryOf(run: RunState): Amendment | undefined {
  const failed = failedSteps(run);
  if (failed.length === 0) return undefined;
  const tries = (id: string): string => `${id.replace(/\.retry\d+$/, "")}.retry${Number(/\.retry(\d+)$/.exec(id)?.[1] ?? 0) + 1}`;
  const add = failed.map((step): PlanStep => ({ ...plain(step), id: tries(step.id), supersedes: step.id }));
  const redirect = Object.fromEntries(failed.map((step) => [step.id, tries(step.id)]));
  return { add, redirect, reason: "the user resumed after a failure" };
}

/** The steps whose work a review or test is about: the one that it names, and all others that it waits for. */
function judgedBy(plan: StepState[], step: StepState): StepState[] {
  const named = plan.find((other) => other.id === step.about);
  const waitedFor = plan.filter((other) => (step.dependsOn ?? []).includes(other.id) && !["review", "test", "fix"].includes(other.type));
  const judged = [...new Set([...(named ? [named] : []), ...waitedFor])];
  return judged.length > 0 ? judged : [step];
}

const mergeRounds = 3;

/** Work that could not be joined is done once more on top of what is there, with its own patch at hand. */
function mergeRound(step: StepState): Amendment | undefined {
  const [, root = step.id, joins] = /^(.*)\.merge(\d*)$/.exec(step.id) ?? [];
  const round = joins === undefined ? 1 : Number(joins || 1) + 1;
  if (round > mergeRounds) return undefined;
  const id = `${root}.merge${round === 1 ? "" : round}`;
  const type = step.type === "document" ? step.type : "generate";
  const again: PlanStep = { ...plain(step), id, type, about: step.id, supersedes: step.id, dependsOn: [] };
  return { add: [again], redirect: { [step.id]: id }, reason: `the changes of step "${step.id}" could not be joined with the others'` };
}

function plain(step: StepState): PlanStep {
  const { status: _status, taskId: _taskId, ...rest } = step;
  return rest;
}

function filesOf(step: PlanStep): { files?: string[] } {
  return step.files ? { files: step.files } : {};
}

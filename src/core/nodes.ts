// The nodes of the flow, each run by code. A node that is entered again after a crash or an answer finds its task by key
// and goes on; how it ended is recorded in one piece, together with what that means for the plan.

import type { AgentDefinition, PlanStep, TaskResult, TaskStatus } from "../protocol/agents.ts";
import type { EventDraft, NodeRef } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { StepState } from "../protocol/state.ts";
import { checkpoint } from "./checkpoints.ts";
import { checkCandidate } from "./checks.ts";
import { type ChildSpec, findChild, isParked, runChild } from "./children.ts";
import { closePlace, commitPlace, openPlace, type Place } from "./place.ts";
import { amendmentFor, mainStep, planByCode, plannerKey } from "./plan.ts";
import { deservesReview } from "./proportion.ts";
import { provenBy } from "./receipts.ts";
import { agentIdForStep, isWriter, toolsFor } from "./routing.ts";
import { agentOf, inMergeQueue, type Run, stateOf, taskOf } from "./run.ts";
import { landedPaths } from "./landedPaths.ts";
import { earlierSections, stepInput } from "./stepInput.ts";
import { stopOf } from "./stop.ts";
import { failedEnd, type TaskEnd } from "./taskEnd.ts";
import { joinWork } from "./work.ts";

/** What became of a node: done with, or parked until somebody answers or the session is resumed. */
export type NodeEnd = { kind: "done" } | { kind: "parked"; reason: string };

const done: NodeEnd = { kind: "done" };

export async function runNode(run: Run, node: NodeRef): Promise<NodeEnd> {
  if (node.kind === "plan") return runPlan(run);
  const step = stateOf(run).run?.plan?.find((one) => one.id === node.stepId);
  return step ? runStep(run, step) : done;
}

async function runPlan(run: Run): Promise<NodeEnd> {
  const { workflow, prompt, rootTask } = stateOf(run).run!;
  const byCode = planByCode(workflow, prompt, stateOf(run).config);
  if (byCode) return submitted(run, byCode, "workflow");
  const planner = agentOf(run, workflow.planner ?? "planning");
  if (!planner) return submitted(run, [], "workflow", `the planner "${workflow.planner}" does not exist or is disabled`);
  run.log.append({ type: "workflow.node.enter", actor: "orchestrator", payload: { node: { kind: "plan" }, agent: planner.id } });
  const guidance = workflow.guidance ? [{ title: "How to plan here", text: workflow.guidance }] : [];
  const input = { type: "plan", sections: [...guidance, ...earlierSections(stateOf(run))] };
  const spec: ChildSpec = {
    key: plannerKey(stateOf(run), rootTask),
    agent: planner,
    goal: prompt,
    input,
    kind: "collaborate",
    writable: false,
    siblings: 1,
  };
  const end = await runChild(run, rootTask, spec, run.signal);
  if (end.kind === "blocked") return { kind: "parked", reason: end.reason };
  if (end.result.status === "cancelled" && run.signal.aborted) return { kind: "parked", reason: end.result.summary };
  run.log.append({
    type: "workflow.node.exit",
    actor: "orchestrator",
    payload: { node: { kind: "plan" }, status: end.result.status === "done" ? "done" : "failed" },
  });
  return stateOf(run).run?.plan ? done : submitted(run, [], planner.id, end.result.summary);
}

function submitted(run: Run, steps: PlanStep[], by: string, rationale?: string): NodeEnd {
  run.log.append({
    type: "plan.submitted",
    actor: by === "workflow" ? "orchestrator" : by,
    payload: { steps, by, ...(rationale ? { rationale } : {}) },
  });
  return done;
}

async function runStep(run: Run, step: StepState): Promise<NodeEnd> {
  const rootTask = stateOf(run).run!.rootTask;
  const agent = agentOf(run, agentIdForStep(step));
  const onRoot = speaksAsRoot(run, step, agent);
  const known = onRoot ? rootTask : findChild(run, rootTask, step.id)?.id;
  const taskId = known ?? step.taskId ?? run.ports.ids.next("t");
  const node: NodeRef = { kind: "step", stepId: step.id, taskId };
  run.log.append({ type: "workflow.node.enter", actor: "orchestrator", payload: { node, agent: agent?.id ?? agentIdForStep(step) } });
  if (!agent) return leave(run, step, node, failedEnd(`there is no enabled agent "${agentIdForStep(step)}"; see: ao agents`));
  const end = onRoot ? await workOnRoot(run, taskId, agent) : await workOnStep(run, step, taskId, agent, known !== undefined);
  return leave(run, step, node, end);
}

/** A plan of one step for the root agent itself needs no second task. */
function speaksAsRoot(run: Run, step: StepState, agent: AgentDefinition | undefined): boolean {
  const { plan, rootTask } = stateOf(run).run!;
  return plan?.length === 1 && agent?.id === taskOf(run, rootTask).assignedAgent && (step.id === mainStep || step.type === "answer");
}

async function workOnRoot(run: Run, taskId: TaskId, agent: AgentDefinition): Promise<TaskEnd> {
  const { output, status, goal } = taskOf(run, taskId);
  if (output && (status === "done" || status === "failed")) return { kind: "result", result: output };
  await run.log.durable();
  const { level } = stateOf(run).config;
  const result = await run.ports.peers.send({ sessionId: run.log.sessionId, taskId, agent: agent.id, goal, level }, run.signal);
  return isParked(run, taskId, result) ? { kind: "blocked", reason: result.summary } : { kind: "result", result };
}

async function workOnStep(run: Run, step: StepState, taskId: TaskId, agent: AgentDefinition, known: boolean): Promise<TaskEnd> {
  const writable = writes(run, agent);
  const place = writable || step.type === "review" ? await placeFor(run, taskId) : undefined;
  const input = known ? {} : await stepInput(run, step, place?.root ?? stateOf(run).workspace);
  const siblings = Math.max(1, (stateOf(run).run?.plan ?? []).filter((one) => one.status === "running").length);
  const spec: ChildSpec = {
    key: step.id,
    stepId: step.id,
    taskId,
    agent,
    goal: step.goal,
    input,
    kind: "collaborate",
    writable,
    siblings,
    place,
  };
  return runChild(run, stateOf(run).run!.rootTask, spec, run.signal);
}

/** The step's folder: the one that it had, or a new one that begins at the session's present result. */
export async function placeFor(run: Run, taskId: TaskId): Promise<NonNullable<Place>> {
  const known = stateOf(run).tasks[taskId]?.base;
  return openPlace(run, taskId, known ?? (await headOf(run)));
}

/** The session's present result; the user's tree is taken when it is first needed. */
async function headOf(run: Run): Promise<string> {
  return inMergeQueue(run, async () => {
    const { head, id, workspace, run: present } = stateOf(run);
    if (head !== undefined) return head;
    const taken = await run.ports.workspace.snapshot(id, workspace, await landedPaths(run.ports, stateOf(run)));
    if (!taken.ok) throw new Error(taken.error.message);
    const { commit, left } = taken.value;
    run.log.append(
      { type: "workspace.opened", actor: "orchestrator", payload: { base: commit, ...(left.length > 0 ? { left } : {}) } },
      checkpoint(run.ports, "before", present!.prompt, commit),
    );
    return commit;
  });
}

/** Whether an agent, or one that its work goes to, may change files. */
export function writes(run: Run, agent: AgentDefinition): boolean {
  const workers = agent.routing ? agent.subAgents.map((id) => agentOf(run, id)).filter((sub) => sub !== undefined) : [agent];
  return workers.some((worker) => isWriter(toolsFor(worker, run.tools.values())));
}

async function leave(run: Run, step: StepState, node: NodeRef, end: TaskEnd): Promise<NodeEnd> {
  if (end.kind === "blocked") return { kind: "parked", reason: end.reason };
  const { result } = end;
  if (result.status === "cancelled" && run.signal.aborted) return { kind: "parked", reason: result.summary };
  const taskId = node.taskId!;
  if (stateOf(run).tasks[taskId]) await beforeJoining(run, step, taskId, result);
  if (run.signal.aborted) return { kind: "parked", reason: stopOf(run.signal).message };
  const parked = await inMergeQueue(run, () => recordEnd(run, step, node, result));
  if (parked !== undefined) return { kind: "parked", reason: parked };
  await run.log.durable();
  await closePlace(run, taskId);
  return done;
}

/**
 * The work is joined and its end recorded before another may join: each builds on the result of the one before. Answers
 * why that has to wait.
 */
async function recordEnd(run: Run, step: StepState, node: NodeRef, result: TaskResult): Promise<string | undefined> {
  const taskId = node.taskId!;
  const keeps = keepsWork(result) && stateOf(run).tasks[taskId] !== undefined;
  const joined = keeps ? await joinWork(run, taskId, result, step.candidate ? step.id : undefined) : undefined;
  if (joined?.parked !== undefined) return joined.parked;
  const apart = joined?.apart ?? false;
  const status: TaskStatus = apart ? "failed" : result.status === "blocked" ? "failed" : result.status;
  const present = stateOf(run).run!;
  const review = present.workflow.review.auto && result.status === "done" && deservesReview(joined?.patch.files ?? []);
  const amendment = amendmentFor(present, step, { result, review, apart });
  const drafts: EventDraft[] = [
    ...(joined?.events ?? []),
    { type: "workflow.node.exit", actor: "orchestrator", payload: { node, status } },
  ];
  if (amendment) drafts.push({ type: "plan.amended", actor: "orchestrator", payload: amendment });
  run.log.append(...drafts);
  return undefined;
}

/** Failed checks send the work back, so the tests that showed it are kept. */
function keepsWork(result: TaskResult): boolean {
  return result.status === "done" || (result.data as { check?: string } | undefined)?.check === "failed";
}

/** Candidates are tested where they stand; a choice among them becomes the chooser's own work. */
async function beforeJoining(run: Run, step: StepState, taskId: TaskId, result: TaskResult): Promise<void> {
  if (step.candidate && result.status === "done") await checkCandidate(run, taskId, run.signal);
  const offered = offeredTo(run, step);
  const { base, merged } = taskOf(run, taskId);
  if (offered.length === 0 || result.status !== "done" || base === undefined || merged !== undefined) return;
  const { id, workspace } = stateOf(run);
  const own = await commitPlace(run, taskId, base, "before the choice");
  if (own !== base) return;
  const named = chosenAmong(offered, (result.data as { choose?: unknown } | undefined)?.choose);
  const taken = named ?? (await bestOf(run, offered));
  if (!named) {
    const reason = "the chooser named none of the candidates and changed nothing itself; this is the first whose checks pass";
    run.log.append({ type: "decision.recorded", actor: "orchestrator", taskId, payload: { statement: `${taken} is taken`, reason } });
  }
  await run.ports.workspace.updateWorktree(id, workspace, taskId, stateOf(run).candidates[taken]!.commit);
}

/** The candidates that a step has to choose among. */
function offeredTo(run: Run, step: StepState): string[] {
  const { candidates, run: present } = stateOf(run);
  const waitedFor = (present?.plan ?? []).filter((other) => other.candidate && (step.dependsOn ?? []).includes(other.id));
  return waitedFor.map((other) => other.id).filter((id) => id in candidates);
}

/** By its id, however it is spelt. */
function chosenAmong(offered: string[], choice: unknown): string | undefined {
  const plainly = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return typeof choice === "string" ? offered.find((id) => plainly(id) === plainly(choice)) : undefined;
}

async function bestOf(run: Run, offered: string[]): Promise<string> {
  const { id, workspace, candidates } = stateOf(run);
  for (const candidate of offered) {
    const tree = await run.ports.workspace.treeOf(id, workspace, candidates[candidate]!.commit);
    if (provenBy(stateOf(run), tree)) return candidate;
  }
  return offered[0]!;
}

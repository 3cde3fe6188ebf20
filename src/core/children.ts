// How a task comes to have a child: created with a share of its budget and handed to its agent as to any A2A peer (A5, A8).
// A child is known to its parent by a key, so that work cut off anywhere finds its children again (A3).

import type { AgentDefinition, Amount, TaskResult } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { childrenOf, type TaskState } from "../protocol/state.ts";
import { add, availableTo, inWords, mostAfter, mostOf, shareFor, spentBy } from "./budget.ts";
import { ceilingFor } from "./ceiling.ts";
import type { TaskInput } from "./context.ts";
import type { Place } from "./place.ts";
import { type Run, stateOf, taskOf, wayToMore } from "./run.ts";
import type { TaskEnd } from "./taskEnd.ts";

export type ChildSpec = {
  key: string;
  agent: AgentDefinition;
  goal: string;
  input: TaskInput;
  kind: "collaborate" | "delegate";
  writable: boolean;
  /** How many children, this one included, are still to get a share of the parent's budget at this moment. */
  siblings: number;
  stepId?: string;
  taskId?: TaskId;
  place?: Place;
  /** The tools that a delegated child may use at most, and what it may spend, where its parent says less than its own. */
  ceiling?: string[];
  most?: Partial<Amount>;
};

export function findChild(run: Run, parentId: TaskId, key: string): TaskState | undefined {
  return childrenOf(stateOf(run), parentId).find((child) => child.key === key);
}

/** Creates the child unless it exists, lets its agent work, and returns how that ended. */
export async function runChild(run: Run, parentId: TaskId, spec: ChildSpec, signal: AbortSignal): Promise<TaskEnd> {
  const existing = findChild(run, parentId, spec.key);
  if (existing && (existing.status === "done" || existing.status === "failed") && existing.output)
    return { kind: "result", result: existing.output };
  const created = existing?.id ?? createChild(run, parentId, spec);
  if (typeof created !== "string") return created;
  const refused = existing?.status === "cancelled" ? reopenChild(run, parentId, existing, spec) : undefined;
  if (refused) return refused;
  await run.log.durable();
  const { level } = stateOf(run).config;
  const result = await run.ports.peers.send(
    { sessionId: run.log.sessionId, taskId: created, agent: spec.agent.id, goal: spec.goal, level },
    signal,
  );
  const reason = taskOf(run, created).reason ?? result.summary;
  return isParked(run, created, result) ? { kind: "blocked", reason } : { kind: "result", result };
}

/** Whether a task waits for a person or a resume; an agent that hands in "blocked" has ended, in failure. */
export function isParked(run: Run, taskId: TaskId, result: TaskResult): boolean {
  return result.status === "blocked" && taskOf(run, taskId).status === "blocked";
}

/** A child that was stopped gave its reservation back, so it needs another share before it works on. */
function reopenChild(run: Run, parentId: TaskId, child: TaskState, spec: ChildSpec): TaskEnd | undefined {
  const spent = spentBy(stateOf(run), child);
  const share = shareFor(availableTo(stateOf(run), parentId), spec.siblings, mostAfter(child.most, spent));
  if (!share) return tooLittle(run, parentId, spec.agent);
  const amount = add(spent, share);
  run.log.append(
    { type: "task.updated", actor: "orchestrator", taskId: child.id, payload: { status: "pending" } },
    { type: "budget.reserved", actor: "orchestrator", taskId: child.id, payload: { taskId: child.id, from: parentId, amount } },
  );
  return undefined;
}

function tooLittle(run: Run, parentId: TaskId, agent: AgentDefinition): TaskEnd {
  const left = inWords(availableTo(stateOf(run), parentId));
  return {
    kind: "blocked",
    reason: `too little of the budget is left to start ${agent.id} (${left}); ${wayToMore(run, ["usd", "tokens", "turns"])}`,
  };
}

function createChild(run: Run, parentId: TaskId, spec: ChildSpec): TaskId | TaskEnd {
  const state = stateOf(run);
  const parent = taskOf(run, parentId);
  if (depthOf(run, parentId) >= state.config.budget.depth) {
    return {
      kind: "result",
      result: { status: "failed", summary: `not started: agents may be nested at most ${state.config.budget.depth} deep` },
    };
  }
  const most = mostOf(spec.agent.limits, spec.most);
  const amount = shareFor(availableTo(state, parentId), spec.siblings, most);
  if (!amount) return tooLittle(run, parentId, spec.agent);
  const taskId = spec.taskId ?? run.ports.ids.next("t");
  const at = run.ports.clock.now();
  const task = {
    id: taskId,
    parentId,
    sessionId: state.id,
    assignedAgent: spec.agent.id,
    goal: spec.goal,
    status: "pending" as const,
    input: spec.input,
    createdAt: at,
    updatedAt: at,
  };
  const own = {
    key: spec.key,
    writable: spec.writable && (parent.writable || (spec.place !== undefined && spec.kind === "collaborate")),
    ...(spec.kind === "delegate" ? { ceiling: spec.ceiling ?? ownCeiling(run, parent) } : {}),
    ...(most ? { most } : {}),
    ...(spec.stepId ? { stepId: spec.stepId } : {}),
    ...spec.place,
  };
  const from = parent.assignedAgent ?? "orchestrator";
  run.log.append(
    { type: "task.created", actor: from, taskId, payload: { task, ...own } },
    { type: "budget.reserved", actor: "orchestrator", taskId, payload: { taskId, from: parentId, amount } },
    {
      type: "handoff",
      actor: from,
      taskId: parentId,
      payload: { kind: spec.kind, from, to: spec.agent.id, childTask: taskId, goal: spec.goal },
    },
  );
  return taskId;
}

/** Work that code hands on for an agent (to its sub-agents) is bound as if the agent had done it (A8). */
function ownCeiling(run: Run, parent: TaskState): string[] {
  const agent = parent.assignedAgent === undefined ? undefined : run.ports.registry.agent(parent.assignedAgent);
  return agent ? ceilingFor(run, parent.id, agent, undefined) : [];
}

function depthOf(run: Run, taskId: TaskId): number {
  let depth = 0;
  for (let task = stateOf(run).tasks[taskId]; task?.parentId !== undefined; task = stateOf(run).tasks[task.parentId]) depth += 1;
  return depth;
}

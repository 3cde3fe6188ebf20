// A task's life at the receiving end of a handoff: the agent's work from its first event to its last, and the settling
// of its budget.

import type { TaskResult, TaskStatus } from "../protocol/agents.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { isTerminal } from "../protocol/state.ts";
import { runAgent } from "./agentLoop.ts";
import { atLeastZero, spentBy, subtract } from "./budget.ts";
import type { Handoff } from "./ports.ts";
import { agentOf, type Run, stateOf, taskOf, underController } from "./run.ts";
import { withPartial } from "./partial.ts";
import { runSpecialist } from "./specialist.ts";
import { failedEnd, type TaskEnd } from "./taskEnd.ts";

/** What the local end of a handoff does: the agent's work, from its first event to its last. */
export async function executeTask(run: Run, handoff: Handoff, parent: AbortSignal): Promise<TaskResult> {
  const { taskId } = handoff;
  const agent = agentOf(run, handoff.agent);
  if (!agent)
    return endTask(run, taskId, { kind: "result", result: { status: "failed", summary: `there is no enabled agent "${handoff.agent}"` } });
  if (agent.type !== undefined && agent.type !== "builtin")
    return endTask(run, taskId, failedEnd(`agents of type "${agent.type}" cannot be run by this version; use a built-in one`));
  run.log.append({ type: "task.updated", actor: "orchestrator", taskId, payload: { status: "running" } });
  const minutes = agent.limits?.minutes;
  const end = await underController(run, taskId, parent, minutes, async (signal) => {
    const work = agent.routing || agent.runsChecks ? runSpecialist : runAgent;
    return withPartial(run, taskId, await work(run, taskId, agent, signal), signal);
  });
  return endTask(run, taskId, end);
}

/** Records the end: status and result, what was spent, and what goes back to the parent. */
function endTask(run: Run, taskId: TaskId, end: TaskEnd): TaskResult {
  if (end.kind === "blocked") {
    run.log.append({ type: "task.updated", actor: "orchestrator", taskId, payload: { status: "blocked", reason: end.reason } });
    return { status: "blocked", summary: end.reason };
  }
  const status: TaskStatus = end.result.status === "blocked" ? "failed" : end.result.status;
  const task = taskOf(run, taskId);
  const drafts: EventDraft[] = [{ type: "task.updated", actor: "orchestrator", taskId, payload: { status, output: end.result } }];
  if (task.reserved && isTerminal(status)) {
    const spent = spentBy(stateOf(run), task);
    const amount = atLeastZero(subtract(task.reserved, spent));
    const to = task.parentId === undefined ? {} : { to: task.parentId };
    drafts.push({ type: "budget.spent", actor: "orchestrator", taskId, payload: { taskId, amount: spent } });
    drafts.push({ type: "budget.refunded", actor: "orchestrator", taskId, payload: { taskId, ...to, amount } });
  }
  run.log.append(...drafts);
  return end.result;
}

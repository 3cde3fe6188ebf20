// Specialists whose work goes to sub-agents make no model turn of their own: code reads what is needed, routes, averages
// and joins. Owns no plan: what a low score leads to is plan.ts's decision.

import type { AgentDefinition, Finding, TaskResult } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { runTesting } from "./checks.ts";
import { describeResult, type TaskInput } from "./context.ts";
import { subAgentsFor } from "./routing.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { runChild } from "./children.ts";
import { runRouted } from "./routed.ts";
import { failedEnd, stoppedEnd, type TaskEnd } from "./taskEnd.ts";

export async function runSpecialist(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  if (agent.runsChecks) return runTesting(run, taskId, agent, signal);
  return agent.routing?.to === "all" ? runReviewers(run, taskId, agent, signal) : runRouted(run, taskId, agent, signal);
}

/** All sub-agents at once; their scores are averaged, their findings joined. */
async function runReviewers(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  const task = taskOf(run, taskId);
  const reviewers = subAgentsFor(run.ports.registry, agent, { goal: task.goal });
  if (reviewers.length === 0) return failedEnd(`${agent.id} has no enabled sub-agent`);
  const input = { ...(task.input as TaskInput), type: "review" };
  const ends = await Promise.all(
    reviewers.map((reviewer, i) =>
      runChild(
        run,
        taskId,
        { key: reviewer.id, agent: reviewer, goal: task.goal, input, kind: "delegate", writable: false, siblings: reviewers.length - i },
        signal,
      ),
    ),
  );
  const blocked = ends.find((end) => end.kind === "blocked");
  if (blocked) return blocked;
  if (signal.aborted && ends.some((end) => end.kind === "result" && end.result.status === "cancelled")) return stoppedEnd(signal);
  const results = new Map(reviewers.map((reviewer, i) => [reviewer.id, (ends[i] as Extract<TaskEnd, { kind: "result" }>).result]));
  return joinReviews(run, taskId, results);
}

function joinReviews(run: Run, taskId: TaskId, results: Map<string, TaskResult>): TaskEnd {
  const scored = [...results].filter(([, result]) => result.status === "done" && result.score !== undefined);
  if (scored.length === 0)
    return failedEnd(`no reviewer gave a score: ${[...results].map(([id, result]) => `${id}: ${result.summary}`).join("; ")}`);
  const by = Object.fromEntries(scored.map(([id, result]) => [id, result.score!]));
  const score = scored.reduce((sum, [, result]) => sum + result.score!, 0) / scored.length;
  const silent = [...results].filter(([id]) => !(id in by));
  if (scored.length < silent.length)
    return failedEnd(`most reviewers gave no score: ${silent.map(([id, result]) => `${id}: ${result.summary}`).join("; ")}`);
  const missing = silent.map(([id, result]): Finding => ({
    severity: "medium",
    message: `${id} gave no score, so this side was not judged: ${result.summary}`,
  }));
  const findings: Finding[] = [...scored.flatMap(([, result]) => result.findings ?? []), ...missing];
  const state = stateOf(run);
  const stepId = taskOf(run, taskId).stepId ?? "review";
  const step = state.run?.plan?.find((one) => one.id === stepId);
  const below = state.run?.workflow.review.below ?? 0.8;
  const actor = taskOf(run, taskId).assignedAgent ?? "code-review";
  const scoredAlready = state.reviews.some((review) => review.stepId === stepId);
  if (!scoredAlready)
    run.log.append({ type: "review.scored", actor, taskId, payload: { stepId, score, by, findings, below, round: step?.round ?? 0 } });
  const summary = [...results].map(([id, result]) => `${id}:\n${describeResult(result)}`).join("\n\n");
  return { kind: "result", result: { status: "done", summary, score, findings } };
}

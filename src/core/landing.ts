// Taking a session's result into the user's tree: an approval of its own. The user's tree changes nowhere else (A10).

import type { EventDraft } from "../protocol/events.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { askApproval, digestOf } from "./approvals.ts";
import { concernsOf } from "./concerns.ts";
import type { Ports } from "./ports.ts";
import { type Run, stateOf } from "./run.ts";
import { isTerminal } from "../protocol/state.ts";
import type { SessionLog } from "./sessionLog.ts";
import { keepPatch } from "./work.ts";

export type LandingEnd = "nothing" | "applied" | "discarded" | "pending" | "conflict";

/** At the end of a run: proposes what changed and, where the user or their policy said so beforehand, lands it. */
export async function landResult(run: Run, succeeded: boolean): Promise<{ end: LandingEnd; concerns: string[] }> {
  const concerns: string[] = [];
  return { end: await land(run, succeeded, concerns), concerns };
}

async function land(run: Run, succeeded: boolean, concerns: string[]): Promise<LandingEnd> {
  const state = stateOf(run);
  const { base, head, config, workspace } = state;
  if (base === undefined || head === undefined || base === head) return "nothing";
  const open = state.landing && state.landing.commit === head ? state.landing : await propose(run, base, head);
  if (!open) return "nothing";
  if (open.decision) return open.decision;
  concerns.push(...concernsOf(stateOf(run), open.files));
  if (succeeded && concerns.length === 0 && (config.apply || config.level === "bypass"))
    return applied(await applyLanding(run.ports, run.log, "policy"));
  if (!succeeded) return "pending";
  const action = { tool: "workspace__land", arguments: { commit: head, files: open.files.map((file) => file.path) }, cwd: workspace };
  const digest = digestOf(action.tool, action.arguments, action.cwd);
  const reasons = ["changes files in your workspace", ...concerns];
  const rootTask = state.run!.rootTask;
  const request = { kind: "landing" as const, ...action, digest, risk: concerns.length > 0 ? 70 : 20, reasons, rule: "landing" };
  const answered = await askApproval(run, rootTask, request, run.signal, open.approvalId);
  const settled = stateOf(run).landing?.decision;
  if (settled === "applied" || settled === "discarded") return settled;
  if (answered.kind === "blocked") return "pending";
  return answered.answer.decision === "approve"
    ? applied(await applyLanding(run.ports, run.log, answered.answer.by))
    : discardLanding(run.log, answered.answer.by);
}

function applied(landed: Result<{ conflicts: string[] }>): LandingEnd {
  return landed.ok && landed.value.conflicts.length === 0 ? "applied" : "conflict";
}

async function propose(run: Run, base: string, head: string): Promise<NonNullable<ReturnType<typeof stateOf>["landing"]> | undefined> {
  const { id, workspace } = stateOf(run);
  const patch = await run.ports.workspace.diff(id, workspace, base, head);
  if (patch.files.length === 0) return undefined;
  const kept = await keepPatch(run, patch, "result");
  const approvalId = run.ports.ids.next("a");
  run.log.append({ type: "landing.proposed", actor: "orchestrator", payload: { approvalId, commit: head, files: patch.files, ...kept } });
  return stateOf(run).landing;
}

/** Lands a proposed result. A file that both sides changed in the same place stops it whole: nothing is written. */
export async function applyLanding(ports: Ports, log: SessionLog, by: string): Promise<Result<{ files: string[]; conflicts: string[] }>> {
  const { id, workspace, base, landing } = log.state;
  if (!landing || landing.decision === "applied" || landing.decision === "discarded" || base === undefined) {
    return fail("nothing_to_do", `Session ${id} has no changes waiting to be applied.`);
  }
  await log.durable();
  const landed = await ports.workspace.land(id, workspace, base, landing.commit);
  const decision = landed.conflicts.length > 0 ? "conflict" : "applied";
  const done: EventDraft = { type: "landing.done", actor: by, payload: { commit: landing.commit, decision, ...landed } };
  log.append(
    ...(decision === "applied" ? settleApproval(log, "approve", by) : []),
    done,
    ...(decision === "applied" ? endOfWaiting(log) : []),
  );
  await log.durable();
  return ok(landed);
}

export function discardLanding(log: SessionLog, by: string): LandingEnd {
  const { landing } = log.state;
  if (!landing || landing.decision === "applied" || landing.decision === "discarded") return "nothing";
  log.append(...settleApproval(log, "deny", by), {
    type: "landing.done",
    actor: by,
    payload: { commit: landing.commit, decision: "discarded", files: landing.files.map((file) => file.path), conflicts: [] },
  });
  log.append(...endOfWaiting(log));
  return "discarded";
}

/** A run that waited for nothing but this answer is done with it. */
function endOfWaiting(log: SessionLog): EventDraft[] {
  const { run, tasks } = log.state;
  if (run?.status !== "waiting" || run.plan?.some((step) => !isTerminal(step.status))) return [];
  const { answer = "", unproven, rootTask } = run;
  const root: EventDraft = {
    type: "task.updated",
    actor: "orchestrator",
    taskId: rootTask,
    payload: { status: "done", output: { status: "done", summary: answer } },
  };
  return [
    ...(tasks[rootTask]?.status === "done" ? [] : [root]),
    { type: "run.ended", actor: "orchestrator", payload: { status: "done", answer, unproven } },
    { type: "session.ended", actor: "orchestrator", payload: { status: "done" } },
  ];
}

function settleApproval(log: SessionLog, decision: "approve" | "deny", by: string): EventDraft[] {
  const approval = log.state.landing && log.state.approvals[log.state.landing.approvalId];
  if (!approval || approval.resolution) return [];
  return [{ type: "approval.resolved", actor: by, payload: { approvalId: approval.approvalId, decision, scope: "once", by } }];
}

// What follows when the last word on a proposed result is said: the approval is settled, a run that waited for nothing
// else is done, and what the user's files are now is a checkpoint.

import type { EventDraft } from "../protocol/events.ts";
import type { Commit } from "../protocol/ids.ts";
import { isTerminal, type LandingState } from "../protocol/state.ts";
import { checkpoint } from "./checkpoints.ts";
import type { Ports } from "./ports.ts";
import type { SessionLog } from "./sessionLog.ts";

type End = {
  decision: "applied" | "discarded";
  commit: Commit;
  files: string[];
  written?: Commit;
  by: string;
  /** Why what was proven is not what was taken. */ unproven?: string;
};

/** The receipts of a result say nothing of some parts of it, nor of what a person made of it (A11). */
export function whyUnproven(parts: LandingState["parts"] = []): string {
  const joined = parts.filter((part) => part.joined).map(({ path }) => path);
  return joined.length > 0
    ? `joined by hand: no check was run on what ${joined.join(", ")} ${joined.length > 1 ? "hold" : "holds"} now`
    : "only parts of the result were taken: its checks passed on the whole, and were not run on these parts alone";
}

export { isOpenLanding as isOpen } from "../protocol/reduceLanding.ts";

type Record = Pick<SessionLog, "state">;

export function endOfLanding(
  ports: Pick<Ports, "ids">,
  log: Record,
  { decision, commit, files, by, written, unproven }: End,
): EventDraft[] {
  const prompt = log.state.run?.prompt ?? log.state.goal;
  return [
    ...settleApproval(log, decision === "applied" ? "approve" : "deny", by),
    { type: "landing.done", actor: by, payload: { commit, decision, files, conflicts: [], ...(written === undefined ? {} : { written }) } },
    ...(decision === "applied" ? [checkpoint(ports, "after", prompt, commit)] : []),
    ...endOfWaiting(log, unproven),
  ];
}

/** A run that waited for nothing but this answer is done with it. */
function endOfWaiting(log: Record, reason: string | undefined): EventDraft[] {
  const { run, tasks } = log.state;
  if (run?.status !== "waiting" || run.plan?.some((step) => !isTerminal(step.status))) return [];
  const { answer = "", unproven, rootTask } = run;
  const payload = { status: "done" as const, answer, ...(reason ? { unproven: true, reason } : { unproven }) };
  const root: EventDraft = {
    type: "task.updated",
    actor: "orchestrator",
    taskId: rootTask,
    payload: { status: "done", output: { status: "done", summary: answer } },
  };
  return [
    ...(tasks[rootTask]?.status === "done" ? [] : [root]),
    { type: "run.ended", actor: "orchestrator", payload },
    { type: "session.ended", actor: "orchestrator", payload: { status: "done" } },
  ];
}

function settleApproval(log: Record, decision: "approve" | "deny", by: string): EventDraft[] {
  const approval = log.state.landing && log.state.approvals[log.state.landing.approvalId];
  if (!approval || approval.resolution) return [];
  return [{ type: "approval.resolved", actor: by, payload: { approvalId: approval.approvalId, decision, scope: "once", by } }];
}

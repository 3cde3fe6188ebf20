// What a session leaves behind when it goes on without it, with another prompt or as a fork: tasks that are not at their
// end are cancelled, and what they or their result asked is withdrawn, so that nobody is asked in vain.

import type { EventDraft } from "../protocol/events.ts";
import { isTerminal, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";

export function givenUp(state: SessionState, reason: string): EventDraft[] {
  const about = { actor: "orchestrator" };
  return [
    ...pendingApprovals(state).map(({ approvalId }): EventDraft => {
      const payload = { approvalId, decision: "deny" as const, scope: "once" as const, by: "orchestrator", reason };
      return { type: "approval.resolved", ...about, payload };
    }),
    ...pendingInterrupts(state).map(({ interruptId }): EventDraft => {
      return { type: "interrupt.resolved", ...about, payload: { interruptId, action: "cancel", text: reason } };
    }),
    ...Object.values(state.tasks)
      .filter((task) => !isTerminal(task.status))
      .map((task): EventDraft => ({ type: "task.updated", ...about, taskId: task.id, payload: { status: "cancelled", reason } })),
  ];
}

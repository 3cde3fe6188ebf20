// What a session leaves behind when it goes on without it, with another prompt or as a fork: tasks that are not at their
// end are cancelled, and what they or their result asked is withdrawn, so that nobody is asked in vain.

import { type EventDraft, eventId } from "../protocol/events.ts";
import { reduce } from "../protocol/reduce.ts";
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

/** A run as a whole, but for what it proposed: its questions are withdrawn, and it is over. */
export function withoutQuestions(state: SessionState, reason: string): EventDraft[] {
  const { run } = state;
  const about = { actor: "orchestrator" };
  const status = "cancelled" as const;
  const ended: EventDraft[] = [
    { type: "run.ended", ...about, payload: { status, answer: run?.answer ?? "", reason, unproven: run?.unproven ?? false } },
    { type: "session.ended", ...about, payload: { status } },
  ];
  return [...givenUp(state, reason), ...(run?.status === "waiting" ? ended : [])];
}

/** The state as it will be once this is on record. */
export function after(state: SessionState, draft: EventDraft): SessionState {
  const { id: sessionId, updatedAt: timestamp } = state;
  const seq = state.seq + 1;
  return reduce(state, { id: eventId(sessionId, seq), runId: state.run?.runId ?? "r_", sessionId, timestamp, seq, ...draft });
}

// Asking a person: for one exact action (A9), or a question of an agent. Where somebody is there the task waits; where
// nobody is, the question stays on record and the task blocks, so that the run can end and be resumed after the answer.

import type { ApprovalRequest, EventDraft, EventPayloads } from "../protocol/events.ts";
import { canonicalJson, contentHash } from "../protocol/hash.ts";
import type { ApprovalId, CallId, ContentHash, InterruptId, TaskId } from "../protocol/ids.ts";
import type { ApprovalState, InterruptState } from "../protocol/state.ts";
import { type Run, stateOf } from "./run.ts";

export type Answered<T> = { kind: "answered"; answer: T } | { kind: "blocked"; reason: string };

/** The digest of exactly what will be executed: tool, arguments, working directory, and the files as they are now. */
export function digestOf(tool: string, args: unknown, cwd: string, preimage?: string): ContentHash {
  return contentHash(canonicalJson({ tool, args, cwd, preimage }));
}

export function approvalFor(run: Run, callId: CallId): ApprovalState | undefined {
  return Object.values(stateOf(run).approvals).findLast((approval) => approval.callId === callId);
}

/** Asks once: an approval that is on record for this call is waited for, not asked again. */
export async function askApproval(
  run: Run,
  taskId: TaskId,
  request: Omit<ApprovalRequest, "approvalId">,
  signal: AbortSignal,
  id?: ApprovalId,
): Promise<Answered<NonNullable<ApprovalState["resolution"]>>> {
  const known = request.callId ? approvalFor(run, request.callId) : id && stateOf(run).approvals[id];
  const approvalId = known && known.digest === request.digest ? known.approvalId : (id ?? run.ports.ids.next("a"));
  if (known && approvalId !== known.approvalId && !known.resolution) {
    const payload = {
      approvalId: known.approvalId,
      decision: "deny" as const,
      scope: "once" as const,
      by: "guard",
      reason: "what it would change is different by now; it is asked again",
    };
    run.log.append({ type: "approval.resolved", actor: "guard", taskId, payload });
  }
  if (!known || approvalId !== known.approvalId)
    run.log.append({ type: "approval.requested", actor: "guard", taskId, payload: { approvalId, ...request } });
  const resolved = (): ApprovalState["resolution"] => stateOf(run).approvals[approvalId]?.resolution;
  return waitFor(run, approvalId, taskId, resolved, signal, `waits for an approval (${approvalId})`);
}

export async function askPerson(
  run: Run,
  taskId: TaskId,
  actor: string,
  question: Omit<EventPayloads["interrupt.raised"], "interruptId">,
  signal: AbortSignal,
): Promise<Answered<NonNullable<InterruptState["resolution"]>>> {
  const known = Object.values(stateOf(run).interrupts).find(
    (interrupt) => interrupt.callId !== undefined && interrupt.callId === question.callId,
  );
  const interruptId = known?.interruptId ?? run.ports.ids.next("i");
  if (!known) run.log.append({ type: "interrupt.raised", actor, taskId, payload: { interruptId, ...question } });
  const resolved = (): InterruptState["resolution"] => stateOf(run).interrupts[interruptId]?.resolution;
  return waitFor(run, interruptId, taskId, resolved, signal, `waits for an answer (${interruptId})`);
}

/** Questions about a call that has ended, unanswered: nobody needs to answer them any more. */
export function withdrawn(run: Run, callId: CallId, taskId: TaskId): EventDraft[] {
  const { approvals, interrupts } = stateOf(run);
  const about = { actor: "orchestrator", taskId };
  const reason = "the call has ended without it";
  const open = (question: { callId?: CallId; resolution?: unknown }): boolean => question.callId === callId && !question.resolution;
  return [
    ...Object.values(approvals)
      .filter(open)
      .map(({ approvalId }): EventDraft => {
        const payload = { approvalId, decision: "deny" as const, scope: "once" as const, by: "orchestrator", reason };
        return { type: "approval.resolved", ...about, payload };
      }),
    ...Object.values(interrupts)
      .filter((question) => open(question) && question.kind !== "progress_report")
      .map(({ interruptId }): EventDraft => ({
        type: "interrupt.resolved",
        ...about,
        payload: { interruptId, action: "cancel", text: reason },
      })),
  ];
}

async function waitFor<T>(
  run: Run,
  id: ApprovalId | InterruptId,
  taskId: TaskId,
  resolved: () => T | undefined,
  signal: AbortSignal,
  reason: string,
): Promise<Answered<T>> {
  const already = resolved();
  if (already) return { kind: "answered", answer: already };
  if (!run.attended) return { kind: "blocked", reason };
  // Listened for before anybody can see the question.
  const answered = answerOrAbort(run, id, signal);
  run.log.append({ type: "task.updated", actor: "orchestrator", taskId, payload: { status: "blocked", reason } });
  await run.log.durable();
  await answered;
  const answer = resolved();
  if (!answer || signal.aborted) return { kind: "blocked", reason };
  run.log.append({ type: "task.updated", actor: "orchestrator", taskId, payload: { status: "running" } });
  return { kind: "answered", answer };
}

function answerOrAbort(run: Run, id: ApprovalId | InterruptId, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let isOnItsWay = false;
    const answer = (): void => {
      if (isOnItsWay) return;
      isOnItsWay = true;
      run.arrive({ wake: id }, done);
    };
    const done = (): void => {
      if (run.answers.get(id) === answer) run.answers.delete(id);
      signal.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted) return resolve();
    run.answers.set(id, answer);
    signal.addEventListener("abort", done, { once: true });
  });
}

// A session's record as another session's: the same events under its own ids. What is bound to the session stays behind:
// answers that were given for all of it, its folders, and the ids by which open questions are answered.

import { type EventOf, eventId, isKnown, type TraceEvent } from "../protocol/events.ts";
import type { ApprovalId, ContentHash, InterruptId, SessionId } from "../protocol/ids.ts";
import type { Task } from "../protocol/agents.ts";

export type Rewrite = {
  sessionId: SessionId;
  /** Folders of tasks, by what the source calls them. */
  roots: ReadonlyMap<string, string>;
  questions: ReadonlyMap<ApprovalId | InterruptId, ApprovalId | InterruptId>;
  /** What is asked in the new folders, by the new ids. */
  digests: ReadonlyMap<ApprovalId, ContentHash>;
  /** What was allowed for the session is not dropped here. */
  keepScopes?: boolean;
};

export function rewritten(event: TraceEvent, rewrite: Rewrite): TraceEvent {
  const { sessionId } = rewrite;
  const own = { ...event, id: eventId(sessionId, event.seq), sessionId };
  return isKnown(event) ? { ...own, payload: payloadOf(event, rewrite) } : own;
}

type Known = Parameters<typeof rewriteOf>[0];

function payloadOf(event: TraceEvent, rewrite: Rewrite): unknown {
  return rewriteOf(event as Known, rewrite) ?? event.payload;
}

/** Undefined where the payload is the same. */
function rewriteOf(
  event: { [T in "task.created" | "approval.requested" | "approval.resolved" | "landing.proposed" | "interrupt.raised"]: EventOf<T> }[
    | "task.created"
    | "approval.requested"
    | "approval.resolved"
    | "landing.proposed"
    | "interrupt.raised"],
  { sessionId, roots, questions, digests, keepScopes = false }: Rewrite,
): object | undefined {
  const approval = (id: ApprovalId): ApprovalId => (questions.get(id) as ApprovalId | undefined) ?? id;
  switch (event.type) {
    case "task.created": {
      const { payload } = event;
      const task: Task = { ...payload.task, sessionId };
      return { ...payload, task, ...(payload.root === undefined ? {} : { root: roots.get(payload.root) ?? payload.root }) };
    }
    case "approval.requested": {
      const { payload } = event;
      const approvalId = approval(payload.approvalId);
      return { ...payload, approvalId, cwd: roots.get(payload.cwd) ?? payload.cwd, digest: digests.get(approvalId) ?? payload.digest };
    }
    case "landing.proposed":
      return { ...event.payload, approvalId: approval(event.payload.approvalId) };
    case "interrupt.raised": {
      const { interruptId } = event.payload;
      return { ...event.payload, interruptId: questions.get(interruptId) ?? interruptId };
    }
    // What was allowed for a session was not allowed for another one.
    case "approval.resolved": {
      const { payload } = event;
      return {
        ...payload,
        approvalId: approval(payload.approvalId),
        scope: payload.scope === "session" && !keepScopes ? "once" : payload.scope,
      };
    }
    default:
      return undefined;
  }
}

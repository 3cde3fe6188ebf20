// What the payload of each known event has to hold at the least, so that whatever reads the record later finds it: one
// entry per event type, by a mapped type. Fields are named with the first letter of their kind: string, number, boolean,
// list, object; an object's own fields follow a dot.

import { type EventType, isKnown, type TraceEvent } from "../../protocol/events.ts";

const fields: Record<EventType, string> = {
  "session.created": "name:s goal:s workspace:s config:o",
  "session.resumed": "lastSeq:n",
  "session.ended": "status:s",
  "run.started": "prompt:s workflow:o workflow.id:s workflow.review:o rootTask:s",
  "run.ended": "status:s answer:s unproven:b",
  "workflow.node.enter": "node:o node.kind:s agent:s",
  "workflow.node.exit": "node:o node.kind:s status:s",
  "plan.submitted": "steps:l by:s",
  "plan.amended": "add:l redirect:o reason:s",
  "task.created": "task:o task.id:s task.goal:s task.status:s task.createdAt:s writable:b",
  "task.updated": "status:s",
  "turn.started": "turnId:s model:s attempt:n contextHash:s",
  "turn.retried": "turnId:s attempt:n code:s message:s delayMs:n",
  "turn.ended": "turnId:s model:s stop:s usage:o usage.input:n usage.output:n usage.cacheRead:n usage.cacheWrite:n durationMs:n",
  message: "role:s content:l",
  "call.requested": "callId:s tool:s",
  "call.started": "callId:s tool:s",
  "call.ended": "callId:s tool:s result:o result.ok:b result.content:s durationMs:n",
  "context.compacted": "how:s upTo:n dropped:l before:n after:n",
  handoff: "kind:s from:s to:s childTask:s goal:s",
  "state.changed": "key:s",
  "message.sent": "messageId:s from:s to:s mode:s",
  "message.delivered": "messageId:s",
  "approval.requested": "approvalId:s kind:s tool:s cwd:s digest:s risk:n reasons:l",
  "approval.resolved": "approvalId:s decision:s scope:s by:s",
  "interrupt.raised": "interruptId:s kind:s text:s",
  "interrupt.resolved": "interruptId:s action:s text:s",
  "review.scored": "stepId:s score:n by:o findings:l below:n round:n",
  "review.commented": "comments:l",
  "receipt.issued": "receiptId:s kind:s command:s exitCode:n tree:s durationMs:n",
  "budget.reserved": "taskId:s amount:o amount.usd:n amount.tokens:n amount.turns:n",
  "budget.spent": "taskId:s amount:o amount.usd:n amount.tokens:n amount.turns:n",
  "budget.refunded": "taskId:s amount:o amount.usd:n amount.tokens:n amount.turns:n",
  "workspace.opened": "base:s",
  "work.merged": "commit:s files:l conflicts:l",
  "work.claimed": "path:s symbols:l",
  "work.undone": "tasks:l files:l conflicts:l",
  "work.set_aside": "stepId:s commit:s",
  "checkpoint.created": "checkpointId:s name:s commit:s",
  "landing.proposed": "approvalId:s commit:s files:l",
  "landing.reopened": "",
  "landing.done": "commit:s decision:s files:l conflicts:l",
  "landing.part": "commit:s decision:s parts:l files:l conflicts:l",
  "rollback.done": "to:s files:l conflicts:l",
  "commit.planned": "commit:s branch:s files:l landings:l message:s parent:s",
  "commit.made": "commit:s branch:s files:l landings:l message:s",
  "policy.applied": "files:l problems:l",
  "fact.put": "factId:s statement:s tags:l",
  "decision.recorded": "statement:s reason:s",
  "document.added": "documentId:s filename:s hash:s tags:l",
  error: "code:s message:s",
};

const kinds: Record<string, (value: unknown) => boolean> = {
  s: (value) => typeof value === "string",
  n: (value) => typeof value === "number" && Number.isFinite(value),
  b: (value) => typeof value === "boolean",
  l: (value) => Array.isArray(value),
  o: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** Names the first field that is not as it should be. Types of other versions are taken as they are (A14). */
export function faultIn(event: TraceEvent): string | undefined {
  if (!isKnown(event)) return undefined;
  return fields[event.type]
    .split(" ")
    .filter(Boolean)
    .map((field) => field.split(":") as [string, string])
    .find(([path, kind]) => !kinds[kind]!(valueAt(event.payload, path)))?.[0];
}

function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[name];
  return value;
}

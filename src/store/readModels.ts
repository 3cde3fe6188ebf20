// What an event changes besides the log: the rows by which sessions, tasks, pending questions, messages and facts are
// found without reading the log. Derived here once, for every store; written in the same transaction as the event.
// Most events change nothing, and cost nothing.

import { type ApprovalRequest, type EventOf, type EventType, isKnown, type TraceEvent } from "../protocol/events.ts";
import { wordsOf } from "./matching.ts";

/** One row put or changed. Every field is a value that a database column can hold. */
export type Change =
  | { kind: "session.put"; name: string; goal: string; workspace: string; status: string; agent: string; at: string }
  | { kind: "session.status"; status: string }
  | { kind: "session.name"; name: string }
  | { kind: "task.put"; id: string; parentId: string | null; agent: string | null; goal: string; status: string; at: string }
  | { kind: "task.status"; id: string; status: string; at: string }
  | { kind: "approval.put"; id: string; taskId: string | null; summary: string; at: string }
  | { kind: "approval.end"; id: string; decision: string; at: string }
  | { kind: "interrupt.put"; id: string; taskId: string | null; summary: string; at: string }
  | { kind: "interrupt.end"; id: string; decision: string; at: string }
  | { kind: "checkpoint.put"; id: string; name: string; commit: string; seq: number }
  | { kind: "message.put"; id: string; from: string; to: string; mode: string; payload: string; replyTo: string | null; at: string }
  | { kind: "message.delivered"; id: string; at: string }
  | {
      kind: "fact.put";
      id: string;
      actor: string;
      statement: string;
      words: string;
      tags: string;
      confidence: number | null;
      expiresAt: string | null;
      at: string;
    };

export type ChangeKind = Change["kind"];

type Derivation<T extends EventType> = (event: EventOf<T>) => Change[];

const summaryLimit = 300;

const derivations: { [T in EventType]?: Derivation<T> } = {
  "session.created": ({ payload, timestamp }) => {
    const { name, goal, workspace, config } = payload;
    return [{ kind: "session.put", name, goal, workspace, status: "created", agent: config.agent, at: timestamp }];
  },
  "session.resumed": () => [{ kind: "session.status", status: "running" }],
  "state.changed": ({ payload: { key, value } }) => (key === "name" ? [{ kind: "session.name", name: String(value) }] : []),
  "session.ended": ({ payload }) => [{ kind: "session.status", status: payload.status }],
  "run.started": () => [{ kind: "session.status", status: "running" }],
  "run.ended": ({ payload }) => [{ kind: "session.status", status: payload.status }],
  "task.created": ({ payload: { task }, timestamp }) => {
    const { id, parentId = null, assignedAgent: agent = null, goal, status } = task;
    return [{ kind: "task.put", id, parentId, agent, goal, status, at: timestamp }];
  },
  "task.updated": ({ taskId, payload, timestamp }) =>
    taskId === undefined ? [] : [{ kind: "task.status", id: taskId, status: payload.status, at: timestamp }],
  "approval.requested": ({ payload, taskId = null, timestamp }) => [
    { kind: "approval.put", id: payload.approvalId, taskId, summary: approvalSummary(payload), at: timestamp },
  ],
  "approval.resolved": ({ payload, timestamp }) => [
    { kind: "approval.end", id: payload.approvalId, decision: payload.decision, at: timestamp },
  ],
  "interrupt.raised": ({ payload, taskId = null, timestamp }) =>
    // A report of progress waits for nobody.
    payload.kind === "progress_report"
      ? []
      : [{ kind: "interrupt.put", id: payload.interruptId, taskId, summary: shortened(payload.text), at: timestamp }],
  "interrupt.resolved": ({ payload, timestamp }) => [
    { kind: "interrupt.end", id: payload.interruptId, decision: payload.action, at: timestamp },
  ],
  "checkpoint.created": ({ payload, seq }) => [
    { kind: "checkpoint.put", id: payload.checkpointId, name: payload.name, commit: payload.commit, seq },
  ],
  "message.sent": ({ payload, timestamp }) => {
    const { messageId: id, from, to, mode, replyTo = null } = payload;
    return [{ kind: "message.put", id, from, to, mode, payload: JSON.stringify(payload.payload ?? null), replyTo, at: timestamp }];
  },
  "message.delivered": ({ payload, timestamp }) => [{ kind: "message.delivered", id: payload.messageId, at: timestamp }],
  "fact.put": ({ payload, actor, timestamp }) => {
    const { factId: id, statement, confidence = null, expiresAt = null } = payload;
    const words = wordsOf(statement).join(" ");
    return [{ kind: "fact.put", id, actor, statement, words, tags: JSON.stringify(payload.tags), confidence, expiresAt, at: timestamp }];
  },
};

const none: Change[] = [];

export function changesOf(event: TraceEvent): Change[] {
  if (!isKnown(event)) return none;
  const derive = derivations[event.type] as Derivation<EventType> | undefined;
  return derive ? derive(event) : none;
}

function approvalSummary(request: ApprovalRequest): string {
  return shortened(
    request.kind === "landing" ? "take the changes into the workspace" : `${request.tool} ${JSON.stringify(request.arguments)}`,
  );
}

function shortened(text: string): string {
  return text.length <= summaryLimit ? text : `${text.slice(0, summaryLimit - 1)}…`;
}

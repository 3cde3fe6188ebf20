// Events for the store's tests: a session that begins properly and goes on with whatever a test needs.

import { eventId, type EventPayloads, type EventType, type SessionConfig, type TraceEvent } from "../../src/protocol/events.ts";
import type { SessionId, TaskId } from "../../src/protocol/ids.ts";

const config: SessionConfig = {
  model: "demo",
  models: [],
  workflow: "auto",
  agent: "coordinator",
  level: "default",
  budget: { usd: 1, tokens: 1000, turns: 10, minutes: 1, depth: 2, parallel: 2 },
  apply: false,
  yesTo: [],
  ask: true,
  modelOverrides: false,
};

/** The second in which event `seq` happened. */
export function timeOf(seq: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString();
}

export function anEvent<T extends EventType>(
  sessionId: SessionId,
  seq: number,
  type: T,
  payload: EventPayloads[T],
  more: { taskId?: TaskId; cause?: string } = {},
): TraceEvent {
  return {
    id: eventId(sessionId, seq),
    runId: "r_1",
    sessionId,
    ...more,
    actor: "coordinator",
    type,
    payload,
    timestamp: timeOf(seq),
    seq,
  };
}

export function created(sessionId: SessionId, name = "a session", workspace = "/w"): TraceEvent {
  return anEvent(sessionId, 1, "session.created", { name, goal: "do it", workspace, config });
}

export function said(sessionId: SessionId, seq: number, text: string, taskId?: TaskId): TraceEvent {
  return anEvent(sessionId, seq, "message", { role: "user", content: [{ type: "text", text }] }, taskId === undefined ? {} : { taskId });
}

export function fact(
  sessionId: SessionId,
  seq: number,
  statement: string,
  more: { tags?: string[]; expiresAt?: string; id?: number } = {},
): TraceEvent {
  const { tags = [], expiresAt, id = seq } = more;
  return anEvent(sessionId, seq, "fact.put", { factId: `f_${id}`, statement, tags, ...(expiresAt === undefined ? {} : { expiresAt }) });
}

// How a task's work ended: with a result, or unfinished in a way that an answer or a later resume can mend.

import type { TaskResult } from "../protocol/agents.ts";
import { stopOf } from "./stop.ts";

export type TaskEnd = { kind: "result"; result: TaskResult } | { kind: "blocked"; reason: string };

/** A stop of this task alone is its end; a stop of everything leaves it open for a resume. */
export function stoppedEnd(signal: AbortSignal): TaskEnd {
  const { code, message } = stopOf(signal);
  if (code === "cancelled") return { kind: "result", result: { status: "cancelled", summary: message } };
  return code === "timeout" ? failedEnd(message) : { kind: "blocked", reason: message };
}

export function failedEnd(summary: string): TaskEnd {
  return { kind: "result", result: { status: "failed", summary } };
}

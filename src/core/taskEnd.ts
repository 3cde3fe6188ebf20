// How a task's work ended: with a result, or unfinished in a way that an answer or a later resume can mend.

import type { TaskResult } from "../protocol/agents.ts";

export type TaskEnd = { kind: "result"; result: TaskResult } | { kind: "blocked"; reason: string };

export function failedEnd(summary: string): TaskEnd {
  return { kind: "result", result: { status: "failed", summary } };
}

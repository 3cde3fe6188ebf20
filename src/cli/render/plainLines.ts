// Progress where there is no terminal: one line per event that matters, indented by the depth of its task.

import { isKnown, type EventType } from "../../protocol/events.ts";
import type { View } from "../view.ts";
import { depthOf } from "./tree.ts";
import { eventLine } from "./eventLine.ts";

const quiet = new Set<EventType>([
  "budget.reserved",
  "budget.spent",
  "budget.refunded",
  "handoff",
  "task.created",
  "message",
  "session.ended",
  "checkpoint.created",
]);

export function createPlainLines(out: (line: string) => void): View {
  const none = (): void => undefined;
  return {
    event(event, state) {
      if (isKnown(event) && quiet.has(event.type)) return;
      const line = eventLine(event, state);
      if (line === undefined) return;
      const task = event.taskId && state.tasks[event.taskId];
      const who = task ? `${task.assignedAgent}: ` : "";
      out(`${"  ".repeat(task ? depthOf(state, task) : 0)}${who}${line}`);
    },
    pause: none,
    resume: none,
    end: none,
  };
}

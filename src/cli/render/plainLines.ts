// Progress where there is no terminal: one line per event that matters, indented by the depth of its task, and a sign of
// life where a model takes long.

import { isKnown, type EventType, type KnownEvent, type TraceEvent } from "../../protocol/events.ts";
import type { TaskId } from "../../protocol/ids.ts";
import { isTerminal, type SessionState } from "../../protocol/state.ts";
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
  // How it ended stands in the summary, once.
  "run.ended",
  "checkpoint.created",
]);

const sayEveryMs = 30_000;

/** A turn that is open: whose it is, since when, and how often that was said. */
type Open = { who: string; since: number; said: number };

export function createPlainLines(out: (line: string) => void, everyMs = sayEveryMs): View {
  const none = (): void => undefined;
  const open = new Map<string, Open>();
  const said = new Set<string>();
  const timer = setInterval(() => {
    for (const turn of open.values()) {
      const times = Math.floor((performance.now() - turn.since) / everyMs);
      if (times <= turn.said) continue;
      turn.said = times;
      out(`${turn.who}waiting for the model (${Math.round((times * everyMs) / 1000)}s)`);
    }
  }, everyMs / 30);
  timer.unref();
  return {
    event(event, state) {
      const who = whoOf(state, event.taskId);
      if (isKnown(event)) {
        if (event.type === "turn.started") open.set(event.payload.turnId, { who, since: performance.now(), said: 0 });
        if (event.type === "turn.ended") open.delete(event.payload.turnId);
        if (quiet.has(event.type) || isEndOfAll(event, state)) return;
      }
      const line = eventLine(event, state);
      const why = failureIn(event);
      if (why !== undefined && said.has(why)) out(`${who}task failed, as said above`);
      else if (line !== undefined) out(`${who}${line}`);
      if (why !== undefined) said.add(why);
    },
    pause: none,
    resume: none,
    end: () => clearInterval(timer),
  };
}

/** An agent that delegated often fails with the very words of the one below it. */
function failureIn(event: TraceEvent): string | undefined {
  if (!isKnown(event) || event.type !== "task.updated" || event.payload.status !== "failed") return undefined;
  return event.payload.reason ?? event.payload.output?.summary;
}

function isEndOfAll(event: KnownEvent, { tasks }: SessionState): boolean {
  if (event.type !== "task.updated" || event.taskId === undefined) return false;
  return (isTerminal(event.payload.status) || event.payload.status === "blocked") && tasks[event.taskId]?.parentId === undefined;
}

function whoOf(state: SessionState, taskId: TaskId | undefined): string {
  const task = taskId && state.tasks[taskId];
  return task ? `${"  ".repeat(depthOf(state, task))}${task.assignedAgent}: ` : "";
}

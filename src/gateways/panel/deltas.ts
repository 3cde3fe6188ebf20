// Streamed text on its way to the interface: gathered and sent once per frame, so that a thousand deltas a second cost
// the interface sixty messages.

import type { SessionId, TaskId } from "../../protocol/ids.ts";
import type { ToPanel } from "../../protocol/panel.ts";

const frameMs = 16;

export type DeltaGatherer = {
  add(sessionId: SessionId, taskId: TaskId, agent: string, text: string): void;
  /** Sends what waits, at once: what is recorded must not overtake what was streamed before it. */
  flush(): void;
  close(): void;
};

export function gatherDeltas(send: (body: ToPanel["deltas"]) => void): DeltaGatherer {
  const waiting = new Map<SessionId, Map<TaskId, { agent: string; parts: string[] }>>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [sessionId, tasks] of waiting) {
      send({ sessionId, deltas: [...tasks].map(([taskId, { agent, parts }]) => ({ taskId, agent, text: parts.join("") })) });
    }
    waiting.clear();
  };

  return {
    add(sessionId, taskId, agent, text) {
      const tasks = waiting.get(sessionId) ?? new Map<TaskId, { agent: string; parts: string[] }>();
      waiting.set(sessionId, tasks);
      const task = tasks.get(taskId);
      if (task) task.parts.push(text);
      else tasks.set(taskId, { agent, parts: [text] });
      timer ??= setTimeout(flush, frameMs);
    },
    flush,
    close() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

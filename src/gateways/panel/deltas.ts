// Streamed text on its way to the interface: gathered and sent once per frame, so that a thousand deltas a second cost
// the interface sixty messages, and of a command that floods only the end of what it wrote meanwhile.

import type { CallId, SessionId, TaskId } from "../../protocol/ids.ts";
import type { ToPanel } from "../../protocol/panel.ts";

const frameMs = 16;
const mostOutput = 16_000;

type Source = { taskId: TaskId; agent: string; callId?: CallId };

export type DeltaGatherer = {
  add(sessionId: SessionId, source: Source, text: string): void;
  /** Sends what waits, at once: what is recorded must not overtake what was streamed before it. */
  flush(): void;
  close(): void;
};

export function gatherDeltas(send: (body: ToPanel["deltas"]) => void): DeltaGatherer {
  const waiting = new Map<SessionId, Map<TaskId | CallId, Source & { parts: string[] }>>();
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [sessionId, sources] of waiting)
      send({ sessionId, deltas: [...sources.values()].map(({ parts, ...source }) => ({ ...source, text: textOf(parts, source.callId) })) });
    waiting.clear();
  };

  return {
    add(sessionId, source, text) {
      const sources = waiting.get(sessionId) ?? new Map<TaskId | CallId, Source & { parts: string[] }>();
      waiting.set(sessionId, sources);
      const key = source.callId ?? source.taskId;
      const known = sources.get(key);
      if (known) known.parts.push(text);
      else sources.set(key, { ...source, parts: [text] });
      timer ??= setTimeout(flush, frameMs);
    },
    flush,
    close() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

function textOf(parts: string[], callId: CallId | undefined): string {
  const whole = parts.join("");
  return callId === undefined ? whole : whole.slice(-mostOutput);
}

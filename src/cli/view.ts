// The seam between a run and what shows it: a live tree, plain lines, or events as JSON.

import type { TraceEvent } from "../protocol/events.ts";
import type { SessionState } from "../protocol/state.ts";

export type View = {
  event(event: TraceEvent, state: SessionState): void;
  /** Clears what moves, so that something else may be printed. */
  pause(): void;
  resume(): void;
  end(): void;
};

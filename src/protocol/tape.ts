// What a run learned from the world, in the order in which it learned it: kept beside the log, so that the run can be made
// again from it, with no model, tool or folder in reach. Owns the shapes only.

import type { ApprovalId, InterruptId, TaskId } from "./ids.ts";

export type TapeEntry =
  /** The answer to the run's question number `at`; without a value where the log itself holds it, or there is none. */
  | { at: number; of: string; value?: unknown; fault?: string }
  /** The tool of call `in` used one of the ways into the flow. */
  | { in: number; method: string; args: unknown }
  /** The handoff of question `begun` reached its agent. */
  | { begun: number }
  /** A question that a person answered, or put off. */
  | { wake: ApprovalId | InterruptId }
  | { stop: { code: string; message: string }; taskId?: TaskId }
  /** An event that is not the run's own came into the log. */
  | { other: true };

/** Of the events `seq … seq + count - 1`, which the run recorded in one piece: what it had learned since those before. */
export type TapePart = {
  seq: number;
  count: number;
  /** Only with the first of a run in a process: the command that began it. */
  begin?: { command: unknown };
  /** Ids, times and random numbers, in the order in which they were drawn. */
  drawn?: (string | number)[];
  /** What was known of models when it was first asked for. */
  models?: Record<string, unknown>;
  entries: TapeEntry[];
};

// What a run learned from the world, in the order in which it learned it: kept beside the log, so that the run can be made
// again from it, with no model, tool or folder in reach. Owns the shapes only.

import type { ApprovalId, InterruptId, TaskId } from "./ids.ts";

export type TapeEntry =
  /** The answer to the run's question number `at`; without a value where the log itself holds it, or there is none. */
  | { at: number; of: string; value?: unknown; fault?: string }
  /** The tool of call `in` used one of the ways into the flow; without `args`, with those of the call. */
  | { in: number; method: string; args?: unknown }
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

/** What is asked for every turn, by its place in this list; written entries stay as they are, new ones come last. */
const often = ["log.durable", "models.stream", "tools.judge", "tools.call", "clock.sleep", "store.read", "peers.send", "store.getArtifact"];

/** A part as it is written: what comes with every turn in few characters. */
export function packed({ entries, count, ...part }: TapePart): unknown {
  return { ...part, ...(count === 1 ? {} : { count }), ...(entries.length > 0 ? { entries: entries.map(packedEntry) } : {}) };
}

function packedEntry(entry: TapeEntry): unknown {
  if (!("at" in entry)) return entry;
  const { at, of, value, fault } = entry;
  const place = often.indexOf(of);
  const name = place < 0 ? of : place;
  if (fault !== undefined) return [at, name, null, fault];
  return value === undefined ? [at, name] : [at, name, value];
}

export function unpacked(written: unknown): TapePart {
  const { count = 1, entries = [], ...part } = written as Partial<TapePart> & Pick<TapePart, "seq">;
  return { ...part, count, entries: (entries as unknown[]).map(unpackedEntry) };
}

function unpackedEntry(written: unknown): TapeEntry {
  if (!Array.isArray(written)) return written as TapeEntry;
  const [at, name, value, fault] = written as [number, string | number, unknown?, string?];
  const of = typeof name === "number" ? (often[name] ?? "unknown") : name;
  if (fault !== undefined) return { at, of, fault };
  return value === undefined ? { at, of } : { at, of, value };
}

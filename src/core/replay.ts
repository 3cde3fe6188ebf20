// A recorded session made again: its runs take place once more, with what they learned then taken from the tape, and each
// event that they record is held against the one in the log. Nothing outside is asked: no model, tool, folder or network.

import { canonicalJson } from "../protocol/hash.ts";
import { type EventDraft, type EventType, isKnown, type TraceEvent } from "../protocol/events.ts";
import { reduce } from "../protocol/reduce.ts";
import type { SessionState } from "../protocol/state.ts";
import type { TapeEntry, TapePart } from "../protocol/tape.ts";
import { commentRun } from "./comments.ts";
import { joinRun } from "./join.ts";
import type { RegistryPort } from "./ports.ts";
import { type Answers, answersIn, replayPorts, type Waiting } from "./replayPorts.ts";
import type { Run } from "./run.ts";
import { runToEnd } from "./runToEnd.ts";
import type { SessionLog } from "./sessionLog.ts";
import { createSlots } from "./slots.ts";
import type { RunCommand } from "./startRun.ts";
import { noPolicy } from "./policy.ts";
import type { Stop } from "./stop.ts";
import { restored } from "./taped.ts";

export type Recording = {
  events: TraceEvent[];
  parts: TapePart[];
  artifact: (hash: string) => Promise<Uint8Array | undefined>;
};

/** Where the runs part from the record: the event that is next, what the record has there, and what would be. */
export type Divergence = { seq: number; type: string; expected: string; actual: string };

export type Replayed = { divergence?: Divergence; /** Runs that were made again, a resumed one for each time. */ lives: number };

export type ReplayOptions = {
  registry: RegistryPort;
  /** Calls `work` once all that can run now has run. */
  soon: (work: () => void) => void;
  reconsider?: Run["reconsider"];
};

/** One run in one process: all that it learned, up to where it ended or was cut off. */
type Life = { command: Record<string, unknown>; parts: TapePart[] };

/** How far the record has come. */
export type Stage = {
  recording: Recording;
  state: SessionState | undefined;
  seq: number;
  observers: Set<(event: TraceEvent) => void>;
  turns: Answers["turns"];
  results: Answers["results"];
  divergence?: Divergence;
};

export async function replay(recording: Recording, options: ReplayOptions): Promise<Replayed> {
  const stage: Stage = { recording, state: undefined, seq: 0, observers: new Set(), ...answersIn(recording.events) };
  const lives = livesOf(recording.parts);
  for (const life of lives) {
    await live(stage, life, options);
    if (stage.divergence) return { divergence: stage.divergence, lives: lives.length };
  }
  while (stage.seq < recording.events.length) take(stage);
  return { lives: lives.length };
}

function livesOf(parts: TapePart[]): Life[] {
  const lives: Life[] = [];
  for (const part of parts) {
    if (part.begin) lives.push({ command: part.begin.command as Record<string, unknown>, parts: [part] });
    else lives.at(-1)?.parts.push(part);
  }
  return lives;
}

async function live(stage: Stage, life: Life, options: ReplayOptions): Promise<void> {
  const [first] = life.parts as [TapePart];
  const heard = first.entries.filter((entry) => "other" in entry).length;
  // What came into the log before this run began was nobody's work here.
  while (stage.seq < first.seq - 1 - heard) take(stage);
  if (!stage.state) return diverge(stage, "the beginning of a session", "the beginning of a run");
  const { run, waiting, stopped } = stageRun(stage, life, options);
  const idle = (): Promise<void> => new Promise((resolve) => options.soon(resolve));
  const { attended: _attended, ...command } = life.command;
  void runToEnd(run, commandFrom(command), stopped, () => ({ end: () => undefined })).catch(() => undefined);
  for (const part of life.parts) {
    for (const entry of part.entries) {
      await idle();
      if (stage.divergence) return;
      await perform(stage, entry, { run, waiting, stopped });
    }
    await idle();
    if (stage.divergence) return;
    if (stage.seq < part.seq + part.count - 1) return diverge(stage, undefined, `nothing more; it waits for ${waiting.describe()}`);
  }
}

function commandFrom({ type, ...command }: Record<string, unknown>): RunCommand {
  if (type === "changes.comment") return commentRun(command as Parameters<typeof commentRun>[0]);
  return type === "changes.join" ? joinRun(command as Parameters<typeof joinRun>[0]) : (command as RunCommand);
}

type Played = { run: Run; waiting: Waiting; stopped: AbortController };

function stageRun(stage: Stage, life: Life, options: ReplayOptions): Played {
  const stopped = new AbortController();
  const { ports, log, waiting, begun } = replayPorts(stage, life.parts, stageLog(stage, life.parts), options.registry, () => run);
  const run: Run = {
    ports,
    log,
    begun,
    arrive: (_entry, act) => act(),
    attended: life.command["attended"] === true,
    tools: new Map(),
    policy: noPolicy,
    controllers: new Map(),
    answers: new Map(),
    onDelta: () => undefined,
    mergeQueue: Promise.resolve(),
    slots: createSlots(() => Math.max(1, log.state.config.budget.parallel)),
    signal: stopped.signal,
    ...(options.reconsider ? { reconsider: options.reconsider } : {}),
  };
  return { run, waiting, stopped };
}

async function perform(stage: Stage, entry: TapeEntry, { run, waiting, stopped }: Played): Promise<void> {
  if ("at" in entry) {
    const value = await restored(entry.value, stage.recording.artifact);
    const wrong = await waiting.answer(entry, value);
    if (wrong !== undefined) diverge(stage, undefined, wrong);
  } else if ("in" in entry) waiting.enter(entry);
  else if ("begun" in entry) waiting.begin(entry.begun);
  else if ("wake" in entry) run.answers.get(entry.wake)?.();
  else if ("stop" in entry) {
    const stop = entry.stop as Stop;
    (entry.taskId === undefined ? stopped : run.controllers.get(entry.taskId))?.abort(stop);
  } else take(stage);
}

/** The log, as a run writes it: what it records has to be what is recorded. */
function stageLog(stage: Stage, parts: TapePart[]): SessionLog {
  const last = parts.at(-1)!;
  const until = last.seq + last.count - 1;
  let runId: string | undefined;
  const { events } = stage.recording;
  const sessionId = events[0]?.sessionId ?? "";
  return {
    sessionId,
    get state() {
      return stage.state!;
    },
    broken: undefined,
    listeners: new Set(),
    append(...drafts) {
      for (const draft of drafts) {
        const expected = events[stage.seq];
        // What a process did that was cut off before it was recorded; nothing goes on from there.
        if (stage.divergence || !expected || stage.seq >= until) throw new Error("the record ends here");
        const difference = differs(expected, { runId: runId ?? expected.runId, ...draft });
        if (difference) stage.divergence = { seq: expected.seq, type: expected.type, ...difference };
        else take(stage);
      }
    },
    appendTaped: () => undefined,
    durable: () => Promise.resolve(),
    saveSnapshot: () => Promise.resolve(),
    observe(observer) {
      stage.observers.add(observer);
      return () => stage.observers.delete(observer);
    },
    follow: () => () => undefined,
    absorb: () => undefined,
    beginRun: (id) => void (runId = id),
  };
}

function take(stage: Stage): void {
  const event = stage.recording.events[stage.seq];
  if (!event) return;
  stage.seq += 1;
  stage.state = reduce(stage.state, event);
  for (const observer of stage.observers) observer(event);
}

function diverge(stage: Stage, expected: string | undefined, actual: string): void {
  const next = stage.recording.events[stage.seq];
  stage.divergence ??= {
    seq: next?.seq ?? stage.seq + 1,
    type: next?.type ?? "",
    expected: expected ?? (next ? brief(next) : "the end"),
    actual,
  };
}

/** Measured, not decided. */
const measured = new Set<EventType>(["turn.ended", "call.ended"]);

function differs(expected: TraceEvent, actual: EventDraft & { runId: string }): { expected: string; actual: string } | undefined {
  const { type, actor, taskId, cause, runId, payload } = JSON.parse(JSON.stringify(actual)) as EventDraft & { runId: string };
  if (type !== expected.type || taskId !== expected.taskId)
    return { expected: brief(expected), actual: brief({ type, taskId, actor, payload }) };
  const own: Record<string, unknown> = { actor, cause, runId, ...(payload as object) };
  const { actor: by, cause: why, runId: of } = expected;
  const recorded: Record<string, unknown> = { actor: by, cause: why, runId: of, ...(expected.payload as object) };
  if (isKnown(expected) && measured.has(expected.type)) own["durationMs"] = recorded["durationMs"];
  const [place, then, now] = firstDifference(recorded, own) ?? [];
  return place === undefined ? undefined : { expected: `${place} ${then!}`, actual: `${place} ${now!}` };
}

const longest = 300;

/** The innermost place where two values differ, and what is there in each. */
function firstDifference(then: unknown, now: unknown, place = ""): [string, string, string] | undefined {
  if (canonicalJson(then ?? null) === canonicalJson(now ?? null)) return undefined;
  const isOpen = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
  if (isOpen(then) && isOpen(now) && Array.isArray(then) === Array.isArray(now))
    for (const key of new Set([...Object.keys(then), ...Object.keys(now)])) {
      const found = firstDifference(then[key], now[key], place === "" ? key : `${place}.${key}`);
      if (found) return found;
    }
  return [place, shown(then), shown(now)];
}

function shown(value: unknown): string {
  const text = value === undefined ? "(absent)" : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function brief({ type, taskId, actor, payload }: Pick<TraceEvent, "type" | "actor" | "payload"> & { taskId?: string | undefined }): string {
  return `${type} by ${actor}${taskId === undefined ? "" : ` for task ${taskId}`}: ${shown(payload)}`;
}

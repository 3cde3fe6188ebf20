// One session's log and the state that follows from it: the one door out (A1). A draft becomes an event with the next
// gapless seq and is reduced at once, so that decisions never race; nobody acts on it and no client sees it before it
// is on disk (A3). Where the log cannot be written the session stops: if it cannot record, it does not act.

import { type EventDraft, eventId, type TraceEvent } from "../protocol/events.ts";
import type { RunId, SessionId } from "../protocol/ids.ts";
import { reduce } from "../protocol/reduce.ts";
import { messageOf } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { TapePart } from "../protocol/tape.ts";
import { type Ports, StoreConflict } from "./ports.ts";

const snapshotEvery = 256;

export type SessionLog = {
  readonly sessionId: SessionId;
  readonly state: SessionState;
  /** Adds events. They are durable after the next `durable()`; their order is the order of the calls. */
  append(...drafts: EventDraft[]): void;
  /** The same, with what a run learned before. */
  appendTaped(part: Omit<TapePart, "seq">, drafts: EventDraft[]): void;
  /** Resolves when everything appended so far is on disk; rejects with NotRecorded when it cannot be. */
  durable(): Promise<void>;
  /** Calls `listener` for every event at once, before it is on disk: for the session's own state only, never a client. */
  observe(listener: (event: TraceEvent) => void): () => void;
  /** Calls `listener` for every event after it is on disk. */
  follow(listener: (event: TraceEvent) => void): () => void;
  /** Takes in what another process wrote since; only while nothing of this log's own is under way. */
  absorb(events: TraceEvent[]): void;
  /** The run whose id new events carry. */
  beginRun(runId: RunId): void;
  saveSnapshot(): Promise<void>;
  readonly broken: NotRecorded | undefined;
  readonly listeners: Listeners;
};

export class NotRecorded extends Error {
  override name = "NotRecorded";
  /** Another process writes this session. */
  readonly conflict: boolean;
  /** What was recorded before is whole; not so where the store itself is damaged. */
  readonly safe: boolean;
  constructor(cause: unknown) {
    super(`the session could not be recorded: ${messageOf(cause)}`, { cause });
    this.conflict = cause instanceof StoreConflict;
    this.safe = (cause as { code?: unknown } | undefined)?.code !== "corrupt";
  }
}

type Listeners = Set<(event: TraceEvent) => void>;
type LogOptions = {
  sessionId: SessionId;
  state: SessionState | undefined;
  runId: RunId;
  onBroken: (error: Error) => void;
  /** Those who follow a log of this session that broke: they follow this one from now on. */
  listeners?: Listeners | undefined;
};

/** Loads a session: the newest snapshot and the events after it. */
export async function loadState(ports: Pick<Ports, "store">, sessionId: SessionId): Promise<SessionState | undefined> {
  const snapshot = await ports.store.loadSnapshot(sessionId);
  const tail = await ports.store.read(sessionId, { after: snapshot?.seq ?? 0 });
  let state = snapshot?.state;
  for (const event of tail) state = reduce(state, event);
  return state;
}

/** The way to the store: batches in order, listeners told after each commit, the first failure kept. */
function createRecorder(ports: Pick<Ports, "store">, { sessionId, onBroken, listeners = new Set() }: LogOptions) {
  let buffer: TraceEvent[] = [];
  let tape: TapePart[] = [];
  let tail: Promise<unknown> = Promise.resolve();
  let broken: NotRecorded | undefined;

  async function write(batch: TraceEvent[], parts: TapePart[]): Promise<void> {
    try {
      await ports.store.append(sessionId, batch, parts);
    } catch (error) {
      if (broken) return;
      broken = new NotRecorded(error);
      onBroken(broken);
      return;
    }
    for (const event of batch) for (const listener of listeners) listener(event);
  }

  function flush(): void {
    if (buffer.length === 0 || broken) return;
    const written = write(buffer, tape);
    const before = tail;
    buffer = [];
    tape = [];
    tail = before.then(() => written);
  }

  return {
    listeners,
    broken: () => broken,
    note: (part: TapePart): void => void tape.push(part),
    push(event: TraceEvent): void {
      buffer.push(event);
      if (buffer.length === 1) void Promise.resolve().then(flush);
    },
    async settled(): Promise<void> {
      flush();
      await tail;
      if (broken) throw broken;
    },
    /** After what is written so far; a failure here loses nothing, the events are there. */
    afterwards(work: () => Promise<void>): Promise<unknown> {
      flush();
      tail = tail.then(() => (broken ? undefined : work().catch(() => undefined)));
      return tail;
    },
  };
}

export function createSessionLog(ports: Pick<Ports, "store" | "clock" | "redact">, options: LogOptions): SessionLog {
  const { sessionId } = options;
  const recorder = createRecorder(ports, options);
  const observers = new Set<(event: TraceEvent) => void>();
  let { state, runId } = options;
  let seq = state?.seq ?? 0;
  let savedAt = seq;

  function saveSnapshot(): Promise<unknown> {
    if (!state) return Promise.resolve();
    const snapshot = { seq, state };
    savedAt = seq;
    return recorder.afterwards(() => ports.store.saveSnapshot(sessionId, snapshot));
  }

  function append(...drafts: EventDraft[]): void {
    if (recorder.broken()) return;
    const timestamp = ports.clock.now();
    for (const draft of drafts) {
      seq += 1;
      const payload = ports.redact?.(draft.payload) ?? draft.payload;
      const event: TraceEvent = { id: eventId(sessionId, seq), runId, sessionId, timestamp, seq, ...draft, payload };
      state = reduce(state, event);
      recorder.push(event);
      for (const observer of observers) observer(event);
    }
    if (seq - savedAt >= snapshotEvery) void saveSnapshot();
  }

  function appendTaped(part: Omit<TapePart, "seq">, drafts: EventDraft[]): void {
    if (recorder.broken()) return;
    // The rest was clean when the run learned it.
    recorder.note({ seq: seq + 1, ...part, ...(part.begin ? { begin: ports.redact?.(part.begin) ?? part.begin } : {}) });
    append(...drafts);
  }

  return {
    sessionId,
    get state() {
      if (!state) throw new Error("the session has no events yet");
      return state;
    },
    get broken() {
      return recorder.broken();
    },
    listeners: recorder.listeners,
    append,
    appendTaped,
    absorb(events) {
      for (const event of events) {
        if (event.seq !== seq + 1) continue;
        seq = event.seq;
        runId = event.runId;
        state = reduce(state, event);
        for (const listener of recorder.listeners) listener(event);
      }
    },
    durable: () => recorder.settled(),
    observe: (observer) => subscribe(observers, observer),
    follow: (listener) => subscribe(recorder.listeners, listener),
    beginRun: (id) => void (runId = id),
    saveSnapshot: async () => void (await saveSnapshot()),
  };
}

function subscribe<T>(set: Set<T>, member: T): () => void {
  set.add(member);
  return () => set.delete(member);
}

// A session that begins with another one's record. It is written in one append: a fork is there whole or not at all. What
// the source still waits for is the source's: in the fork its questions are withdrawn and its open changes refused, on
// record, because the answers and the folders that they are about belong to the source.

import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import { type EventDraft, eventId, isKnown, type TraceEvent } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { reduce, reduceAll } from "../protocol/reduce.ts";
import { fail, messageOf, ok, type Result } from "../protocol/result.ts";
import { withoutRun } from "./giveUp.ts";
import type { Ports } from "./ports.ts";
import { noSession, type World } from "./sessions.ts";

export async function forkSession(world: World, command: Commands["session.fork"]): Promise<Result<CommandAnswer["session.fork"]>> {
  const { ports } = world;
  const { store } = ports;
  const source = await store.read(command.sessionId);
  const state = reduceAll(source);
  if (!state) return noSession(command.sessionId);
  const at = placeOf(source, command.at);
  if (!at.ok) return at;
  const sessionId = ports.ids.next("s");
  const events = copyOf(
    ports,
    source.slice(0, at.value),
    sessionId,
    ports.redact?.(command.name) ?? command.name ?? `${state.name} (fork)`,
  );
  try {
    // First, so that nothing that the fork needs can be gone by the time that it is there.
    await ports.workspace.adopt(sessionId, state.workspace, command.sessionId);
    await store.append(sessionId, events);
  } catch (error) {
    return fail("not_recorded", `The fork of session ${command.sessionId} could not be recorded: ${messageOf(error)}`);
  }
  await store.saveSnapshot(sessionId, { seq: events.length, state: reduceAll(events)! }).catch(() => undefined);
  return ok({ sessionId });
}

/** Where a session can be forked: at its beginning, and where a run has ended. */
function placeOf(source: TraceEvent[], asked: number | undefined): Result<number> {
  const ends = source.filter(({ type }) => type === "run.ended" || type === "session.ended").map(({ seq }) => seq);
  const places = [1, ...ends];
  if (asked === undefined) return ok(places.at(-1)!);
  if (places.includes(asked)) return ok(asked);
  const nearest = places.reduce((best, place) => (Math.abs(place - asked) < Math.abs(best - asked) ? place : best));
  return fail("invalid", `A session can be forked where a run has ended; ${asked} is no such place. The nearest one is ${nearest}.`);
}

function copyOf(ports: Ports, source: TraceEvent[], sessionId: SessionId, name: string): TraceEvent[] {
  const [first, ...rest] = source;
  const timestamp = ports.clock.now();
  const forkedFrom = { sessionId: first!.sessionId, seq: source.length };
  const begun = { ...first!, timestamp, payload: { ...(first!.payload as object), name, forkedFrom } };
  const events = [begun, ...rest].map((event) => ownedBy(event, sessionId));
  let state = reduceAll(events)!;
  const { runId } = events.at(-1)!;
  const add = (drafts: EventDraft[]): void => {
    for (const draft of drafts) {
      const seq = events.length + 1;
      events.push({ id: eventId(sessionId, seq), runId, sessionId, timestamp, seq, ...draft });
      state = reduce(state, events.at(-1)!);
    }
  };
  add(withoutRun(ports, state, reason));
  add([{ type: "state.changed", actor: "user", payload: { key: "name", value: name } }]);
  return events;
}

function ownedBy(event: TraceEvent, sessionId: SessionId): TraceEvent {
  const own = { ...event, id: eventId(sessionId, event.seq), sessionId };
  if (!isKnown(event)) return own;
  if (event.type === "task.created") return { ...own, payload: { ...event.payload, task: { ...event.payload.task, sessionId } } };
  // What was allowed for a session was not allowed for another one.
  if (event.type === "approval.resolved" && event.payload.scope === "session")
    return { ...own, payload: { ...event.payload, scope: "once" } };
  return own;
}

const reason = "the session was forked here";

// The sessions that a process has open, and the way to those that another process runs: what is meant for them is
// posted through the store, and its effect is read from the log.

import type { Command, RunOutcome } from "../protocol/commands.ts";
import type { SessionId, TaskId } from "../protocol/ids.ts";
import { fail, type Failure, ok, type Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import type { WorkDelta, Ports } from "./ports.ts";
import type { Run } from "./run.ts";
import { createSessionLog, loadState, type SessionLog } from "./sessionLog.ts";
import type { Stop } from "./stop.ts";

export type EngineOptions = { /** Somebody can answer while a run goes on. */ attended: boolean };

export type OpenSession = { log: SessionLog; run?: Running };

/** `over`: its end is on record, and it is only being put away. */
type Running = { run: Run; controller: AbortController; done: Promise<Result<RunOutcome>>; over: boolean };

export type World = {
  /** Set once the program goes: nothing is begun any more. */
  closing?: true;
  ports: Ports;
  options: EngineOptions;
  sessions: Map<SessionId, OpenSession>;
  /** Sessions being read from the store: two who ask at once get the same one. */
  opening: Map<SessionId, Promise<OpenSession | undefined>>;
  /** What touches the user's files for a session: the newest of it, for which the next one waits. */
  turns: Map<SessionId, Promise<unknown>>;
  deltas: Set<(sessionId: SessionId, taskId: TaskId, agent: string, delta: WorkDelta) => void>;
};

export async function openSession(world: World, sessionId: SessionId): Promise<OpenSession | undefined> {
  const present = world.sessions.get(sessionId);
  if (present && !present.log.broken) {
    if (!present.run) present.log.absorb(await world.ports.store.read(sessionId, { after: present.log.state.seq }));
    return present;
  }
  const opening = world.opening.get(sessionId) ?? readSession(world, sessionId).finally(() => world.opening.delete(sessionId));
  world.opening.set(sessionId, opening);
  return opening;
}

async function readSession(world: World, sessionId: SessionId): Promise<OpenSession | undefined> {
  const state = await loadState(world.ports, sessionId);
  if (!state) return undefined;
  const opened: OpenSession = {
    log: createSessionLog(world.ports, {
      sessionId,
      state,
      runId: state.run?.runId ?? world.ports.ids.next("r"),
      listeners: world.sessions.get(sessionId)?.log.listeners,
      onBroken: (error) => opened.run?.controller.abort({ code: "not_recorded", message: error.message } satisfies Stop),
    }),
  };
  world.sessions.set(sessionId, opened);
  return opened;
}

const answerPolls = 100;
const answerPollMs = 100;

/** Hands a command to the process that runs the session, and waits until its effect is on record. */
export async function passOn<T>(
  world: World,
  sessionId: SessionId,
  command: Command,
  effect: (state: SessionState) => T | undefined,
): Promise<Result<T>> {
  const { store, clock } = world.ports;
  await store.post(sessionId, JSON.stringify(command));
  for (let polls = 0; polls < answerPolls; polls++) {
    await clock.sleep(answerPollMs);
    const state = await loadState(world.ports, sessionId);
    const seen = state && effect(state);
    if (seen !== undefined) return ok(seen);
  }
  return fail("busy", `The process that runs session ${sessionId} did not take the answer; try again when it has ended.`);
}

export async function runsElsewhere({ sessions, ports }: World, sessionId: SessionId): Promise<boolean> {
  return !sessions.get(sessionId)?.run && (await ports.store.leasedBy(sessionId)) !== undefined;
}

export async function withLog<T>(world: World, sessionId: SessionId, work: (log: SessionLog) => Promise<Result<T>>): Promise<Result<T>> {
  const session = await openSession(world, sessionId);
  if (!session) return noSession(sessionId);
  const elsewhere = session.run ? undefined : await world.ports.store.leasedBy(sessionId);
  if (elsewhere) return fail("busy", `Session ${sessionId} is in use by ${elsewhere}; wait for its end, or: ao cancel ${sessionId}`);
  try {
    const answer = await work(session.log);
    await session.log.durable();
    return answer;
  } catch (error) {
    const { broken } = session.log;
    if (!broken) throw error;
    if (!broken.conflict) return fail("not_recorded", broken.message);
    return fail("busy", `Session ${sessionId} is being written by another process; answer there, or try again when it has ended.`);
  }
}

/** Work on the user's files waits for what began before, so that each finds them as the record says. */
export async function inTurn<T>({ turns }: World, sessionId: SessionId, work: () => Promise<T>): Promise<T> {
  const before = turns.get(sessionId) ?? Promise.resolve();
  const turn = before.then(work, work);
  turns.set(sessionId, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(sessionId) === turn) turns.delete(sessionId);
  }
}

/** When nothing is done to the user's files for this session any more. */
export async function settled({ turns }: World, sessionId: SessionId): Promise<void> {
  await turns.get(sessionId)?.catch(() => undefined);
}

export function noSession(sessionId: SessionId): { ok: false; error: Failure } {
  return fail("not_found", `There is no session "${sessionId}"; see: ao list`);
}

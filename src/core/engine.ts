// The engine's two doors: dispatch(command) in, follow(session) out (A1). Opens sessions, starts and stops their runs,
// and turns answers into events. Everything that a client can do is one of these commands.

import type { CommandAnswer, Command, Commands, CommandType, RunOutcome } from "../protocol/commands.ts";
import type { ChangePart, TraceEvent } from "../protocol/events.ts";
import type { SessionId, TaskId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import type { LandingState, SessionState } from "../protocol/state.ts";
import { resolveApproval, resolveInterrupt } from "./answers.ts";
import { commentRun } from "./comments.ts";
import { commitChanges } from "./commit.ts";
import { executeTask } from "./executeTask.ts";
import { forkSession } from "./fork.ts";
import { joinRun } from "./join.ts";
import { applyLanding, discardLanding } from "./landing.ts";
import { isOpen } from "./landingEnd.ts";
import { noPolicy } from "./policy.ts";
import { settleLandings, withFiles } from "./landingWrite.ts";
import { StoreConflict, type WorkDelta, type Ports } from "./ports.ts";
import { rollBack } from "./rollback.ts";
import { undoWork } from "./undo.ts";
import { sendMessage } from "./steer.ts";
import { watchLimits } from "./limits.ts";
import type { Run } from "./run.ts";
import { runToEnd } from "./runToEnd.ts";
import { loadState, type SessionLog } from "./sessionLog.ts";
import { type EngineOptions, noSession, type OpenSession, openSession, passOn, settled, withLog, type World } from "./sessions.ts";
import { createSlots } from "./slots.ts";
import { createSession, type RunCommand } from "./startRun.ts";
import type { Stop } from "./stop.ts";
import { tapeRun } from "./tape.ts";

export type Engine = {
  dispatch<T extends CommandType>(command: { type: T } & Commands[T]): Promise<Result<CommandAnswer[T]>>;
  /** Events of a session after `after`, then those to come; the returned function ends it. */
  follow(sessionId: SessionId, after: number, listener: (event: TraceEvent) => void): Promise<() => void>;
  /** Text as it streams from the models; never logged, superseded by the durable event (A12). */
  onDelta(listener: (sessionId: SessionId, taskId: TaskId, agent: string, delta: WorkDelta) => void): () => void;
  /** State of a session, from memory or from the store. */
  state(sessionId: SessionId): Promise<SessionState | undefined>;
  /** Carries out what other processes left for the sessions that run here. */
  collect(): Promise<void>;
  /** Stops all runs and waits until they have recorded where they were. */
  close(): Promise<void>;
};

type Handler<T extends CommandType> = (world: World, command: Commands[T]) => Promise<Result<CommandAnswer[T]>>;

const handlers: { [T in CommandType]: Handler<T> } = {
  "session.create": async (world, command) => createSession(world.ports, command),
  "session.run": (world, command) => runSession(world, command, { type: "session.run", ...command }),
  "session.rename": (world, { sessionId, name }) =>
    withLog(world, sessionId, async (log) => {
      log.append({ type: "state.changed", actor: "user", payload: { key: "name", value: name } });
      return ok({ name });
    }),
  "session.remove": removeSession,
  "session.cancel": async (world, { sessionId, reason }) => {
    // Opened first, so that a run that is just being started is found.
    const running = (await openSession(world, sessionId))?.run;
    const elsewhere = running ? undefined : await world.ports.store.leasedBy(sessionId);
    if (elsewhere)
      return passOn(world, sessionId, { type: "session.cancel", sessionId, ...(reason ? { reason } : {}) }, ({ status }) =>
        status === "running" ? undefined : { cancelled: true },
      );
    running?.controller.abort({ code: "cancelled", message: reason ?? "cancelled by the user" } satisfies Stop);
    if (running) await running.done;
    return ok({ cancelled: running !== undefined });
  },
  "task.cancel": async ({ sessions }, { sessionId, taskId, reason }) => {
    const run = sessions.get(sessionId)?.run?.run;
    const controller = run?.controllers.get(taskId);
    const stop: Stop = { code: "cancelled", message: reason ?? "cancelled by the user" };
    if (controller) run?.arrive({ stop, taskId }, () => controller.abort(stop));
    return ok({ cancelled: controller !== undefined });
  },
  "approval.resolve": resolveApproval,
  "interrupt.resolve": resolveInterrupt,
  "question.defer": async ({ sessions }, { sessionId, id }) => {
    const waiting = sessions.get(sessionId)?.run?.run.answers.get(id);
    waiting?.();
    return ok({ deferred: waiting !== undefined });
  },
  "message.send": sendMessage,
  "session.rollback": rollBack,
  "work.undo": undoWork,
  "session.fork": forkSession,
  "changes.comment": (world, command) => runSession(world, commentRun(command), { type: "changes.comment", ...command }),
  "changes.commit": commitChanges,
  "changes.join": (world, command) => runSession(world, joinRun(command), { type: "changes.join", ...command }),
  "changes.apply": (world, { sessionId, by, ...some }) =>
    settleChanges(world, sessionId, (log) => applyLanding(world.ports, log, by, some), some.only),
  "changes.discard": (world, { sessionId, by, only }) =>
    settleChanges(world, sessionId, (log) => discardLanding(world.ports, log, by, only), only),
};

export function createEngine(ports: Ports, options: EngineOptions): Engine {
  const world: World = { ports, options, sessions: new Map(), opening: new Map(), turns: new Map(), deltas: new Set() };
  ports.peers.serve(
    async (handoff, signal) => {
      const running = world.sessions.get(handoff.sessionId)?.run;
      if (!running) return { status: "failed", summary: `session ${handoff.sessionId} is not running here` };
      return executeTask(running.run, handoff, (await running.run.begun(handoff.taskId)) ?? signal);
    },
    (sessionId, taskId) => world.sessions.get(sessionId)?.log.state.tasks[taskId],
  );
  return {
    dispatch: (command) => dispatch(world, command),
    follow: (sessionId, after, listener) => follow(world, sessionId, after, listener),
    onDelta(listener) {
      world.deltas.add(listener);
      return () => world.deltas.delete(listener);
    },
    async state(sessionId) {
      const log = world.sessions.get(sessionId)?.log;
      return log && !log.broken ? log.state : loadState(ports, sessionId);
    },
    collect: () => collect(world),
    async close() {
      world.closing = true;
      const stop: Stop = { code: "closed", message: "the program was closed; resume to go on" };
      const running = [...world.sessions.values()].flatMap((session) => (session.run ? [session.run] : []));
      for (const { controller } of running) controller.abort(stop);
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

/** A run that waits for this very answer is told; as long as some parts are open it waits on. */
async function settleChanges<T>(
  world: World,
  sessionId: SessionId,
  work: (log: SessionLog) => Promise<Result<T>>,
  only: ChangePart[] | undefined,
): Promise<Result<T>> {
  const settled = await withFiles(world, sessionId, work);
  const session = world.sessions.get(sessionId);
  const landing = session?.log.state.landing;
  if (landing && (!only || !isOpen(landing))) session.run?.run.answers.get(landing.approvalId)?.();
  return settled;
}

async function removeSession(world: World, { sessionId }: Commands["session.remove"]): Promise<Result<{ removed: boolean }>> {
  const { store, workspace } = world.ports;
  const state = await loadState(world.ports, sessionId);
  if (!state) return noSession(sessionId);
  const holder = world.sessions.get(sessionId)?.run ? "this program" : await store.leasedBy(sessionId);
  if (holder) return fail("busy", `Session ${sessionId} is running in ${holder}; cancel it first.`);
  // With the record would go what tells the half-written files from the user's own.
  const settled = await settleLandings(world.ports, state);
  if (!settled.ok) return settled;
  world.sessions.delete(sessionId);
  const removed = await store.deleteSession(sessionId);
  await workspace.forget(sessionId, state.workspace).catch(() => undefined);
  return ok({ removed });
}

async function dispatch<T extends CommandType>(world: World, command: { type: T } & Commands[T]): Promise<Result<CommandAnswer[T]>> {
  if (!Object.hasOwn(handlers, command.type)) return fail("unknown_command", `There is no command "${(command as Command).type}".`);
  const handler: Handler<T> = handlers[command.type];
  try {
    return await handler(world, command);
  } catch (error) {
    // The store may have gone under a command that came last.
    if (world.closing) return closing();
    throw error;
  }
}

function closing(): ReturnType<typeof fail> {
  return fail("busy", "The program is being closed; what is on record can be gone on with later.");
}

/** `origin`: the command as it came. */
async function runSession(world: World, command: RunCommand, origin: unknown): Promise<Result<RunOutcome>> {
  const session = await openSession(world, command.sessionId);
  if (world.closing) return closing();
  if (!session) return noSession(command.sessionId);
  if (command.prompt !== undefined) await putOffLanding(session);
  // Who has seen its end may go on at once.
  if (session.run?.over) await session.run.done;
  if (session.run)
    return fail(
      "busy",
      `Session ${command.sessionId} is running already${command.begin ? "; say it to the team instead, or wait for its end" : ""}.`,
    );
  const controller = new AbortController();
  const { ports, options } = world;
  const taping = tapeRun(ports, session.log, { ...(origin as object), attended: options.attended });
  const stopped = new AbortController();
  controller.signal.addEventListener("abort", () => {
    const stop = controller.signal.reason as Stop;
    taping.arrive({ stop }, () => stopped.abort(stop));
  });
  const run: Run = {
    ...taping,
    attended: options.attended,
    tools: new Map(),
    policy: noPolicy,
    controllers: new Map(),
    answers: new Map(),
    onDelta: (taskId, agent, delta) => world.deltas.forEach((listener) => listener(command.sessionId, taskId, agent, delta)),
    mergeQueue: Promise.resolve(),
    slots: createSlots(() => Math.max(1, session.log.state.config.budget.parallel)),
    signal: stopped.signal,
  };
  const unfollow = session.log.follow(({ type }) => {
    if (type === "run.ended" && session.run) session.run.over = true;
  });
  const done = settled(world, command.sessionId)
    .then(() => underLease(world, session, run, command, controller))
    .finally(unfollow)
    .finally(taping.end);
  session.run = { run, controller, done, over: false };
  return done;
}

/** A run that waits for nothing but a word on its result ends with that open; the next one goes on with it. */
async function putOffLanding({ run: running, log }: OpenSession): Promise<void> {
  const proposed = (): LandingState | undefined => {
    const { landing, run } = log.state;
    return isOpen(landing) && run && (landing.seq ?? 0) > (run.startedAt ?? 0) ? landing : undefined;
  };
  // It may have its word already and only have to end.
  if (!running || !proposed()) return;
  const putOff = (): void => running.run.answers.get(proposed()?.approvalId ?? "a_")?.();
  const unobserve = log.observe(putOff);
  putOff();
  await running.done.finally(unobserve);
}

/** One process at a time runs a session; what it did meanwhile elsewhere is read first. */
async function underLease(
  world: World,
  session: OpenSession,
  run: Run,
  command: RunCommand,
  controller: AbortController,
): Promise<Result<RunOutcome>> {
  const { ports } = world;
  const { store } = ports;
  const { sessionId } = command;
  try {
    const lease = await store.takeLease(sessionId, command.takeOver);
    if (!lease.taken)
      return fail(
        "busy",
        `Session ${sessionId} is running in ${lease.by}; ${command.begin ? "say it to the team there, or wait for its end" : `its questions can be answered from here. If it hangs there: ao resume ${sessionId} --take-over`}.`,
      );
    session.log.absorb(await store.read(sessionId, { after: session.log.state.seq }));
    // What cannot be taken back now is told when it matters: at the next word on the result.
    await settleLandings(ports, session.log.state).catch(() => undefined);
    return await runToEnd(run, command, controller, () => watchLimits({ ...run, ports, log: session.log }, controller));
  } finally {
    // Who writes files meanwhile does so under this lease.
    while (world.turns.has(sessionId)) await settled(world, sessionId);
    delete session.run;
    await store.dropLease(sessionId).catch(() => undefined);
  }
}

async function collect(world: World): Promise<void> {
  for (const [sessionId, session] of world.sessions) {
    if (!session.run || session.log.broken) continue;
    const posted = await world.ports.store.collect(sessionId).catch((error: unknown) => {
      // Taken over: what is under way here ends without a further word on the record.
      if (error instanceof StoreConflict) session.run?.controller.abort({ code: "not_recorded", message: error.message } satisfies Stop);
      return [];
    });
    for (const command of posted) await dispatch(world, JSON.parse(command) as never);
  }
}

async function follow(world: World, sessionId: SessionId, after: number, listener: (event: TraceEvent) => void): Promise<() => void> {
  const session = await openSession(world, sessionId);
  if (!session) return () => undefined;
  let last = after;
  let missed: TraceEvent[] | undefined = [];
  const take = (event: TraceEvent): void => {
    if (event.seq <= last) return;
    last = event.seq;
    listener(event);
  };
  const end = session.log.follow((event) => (missed ? missed.push(event) : take(event)));
  for (const event of await world.ports.store.read(sessionId, { after })) take(event);
  const waiting = missed;
  missed = undefined;
  waiting.forEach(take);
  return end;
}

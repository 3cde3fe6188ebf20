// The engine's two doors: dispatch(command) in, follow(session) out (A1). Opens sessions, starts and stops their runs,
// and turns answers into events. Everything that a client can do is one of these commands.

import type { TaskId } from "../protocol/ids.ts";
import type { Command, CommandAnswer, Commands, CommandType, RunOutcome } from "../protocol/commands.ts";
import type { TraceEvent } from "../protocol/events.ts";
import type { SessionId } from "../protocol/ids.ts";
import { fail, type Failure, messageOf, ok, type Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { executeTask } from "./executeTask.ts";
import { applyLanding, discardLanding } from "./landing.ts";
import type { ModelDelta, Ports } from "./ports.ts";
import type { Run } from "./run.ts";
import { runLoop } from "./runLoop.ts";
import { createSessionLog, loadState, type SessionLog } from "./sessionLog.ts";
import { createSession, prepareRun } from "./startRun.ts";
import type { Stop } from "./stop.ts";

export type Engine = {
  dispatch<T extends CommandType>(command: { type: T } & Commands[T]): Promise<Result<CommandAnswer[T]>>;
  /** Events of a session after `after`, then those to come; the returned function ends it. */
  follow(sessionId: SessionId, after: number, listener: (event: TraceEvent) => void): Promise<() => void>;
  /** Text as it streams from the models; never logged, superseded by the durable event (A12). */
  onDelta(listener: (sessionId: SessionId, taskId: TaskId, agent: string, delta: ModelDelta) => void): () => void;
  /** State of a session, from memory or from the store. */
  state(sessionId: SessionId): Promise<SessionState | undefined>;
  /** Stops all runs and waits until they have recorded where they were. */
  close(): Promise<void>;
};

export type EngineOptions = { /** Somebody can answer while a run goes on. */ attended: boolean };

type OpenSession = { log: SessionLog; run?: { run: Run; controller: AbortController; done: Promise<Result<RunOutcome>> } };

type World = {
  ports: Ports;
  options: EngineOptions;
  sessions: Map<SessionId, OpenSession>;
  /** Sessions being read from the store: two who ask at once get the same one. */
  opening: Map<SessionId, Promise<OpenSession | undefined>>;
  deltas: Set<(sessionId: SessionId, taskId: TaskId, agent: string, delta: ModelDelta) => void>;
};

type Handler<T extends CommandType> = (world: World, command: Commands[T]) => Promise<Result<CommandAnswer[T]>>;

const handlers: { [T in CommandType]: Handler<T> } = {
  "session.create": async (world, command) => createSession(world.ports, command),
  "session.run": runSession,
  "session.cancel": async ({ sessions }, { sessionId, reason }) => {
    const running = sessions.get(sessionId)?.run;
    running?.controller.abort({ code: "cancelled", message: reason ?? "cancelled by the user" } satisfies Stop);
    if (running) await running.done;
    return ok({ cancelled: running !== undefined });
  },
  "task.cancel": async ({ sessions }, { sessionId, taskId, reason }) => {
    const controller = sessions.get(sessionId)?.run?.run.controllers.get(taskId);
    controller?.abort({ code: "cancelled", message: reason ?? "cancelled by the user" } satisfies Stop);
    return ok({ cancelled: controller !== undefined });
  },
  "approval.resolve": resolveApproval,
  "interrupt.resolve": resolveInterrupt,
  "question.defer": async ({ sessions }, { sessionId, id }) => {
    const waiting = sessions.get(sessionId)?.run?.run.answers.get(id);
    waiting?.();
    return ok({ deferred: waiting !== undefined });
  },
  "changes.apply": (world, { sessionId, by }) => withLog(world, sessionId, (log) => applyLanding(world.ports, log, by)),
  "changes.discard": (world, { sessionId, by }) =>
    withLog(world, sessionId, async (log) => {
      const files = log.state.landing?.files.map((file) => file.path) ?? [];
      return discardLanding(log, by) === "nothing" ? fail("nothing_to_do", `Session ${sessionId} has no changes waiting.`) : ok({ files });
    }),
};

export function createEngine(ports: Ports, options: EngineOptions): Engine {
  const world: World = { ports, options, sessions: new Map(), opening: new Map(), deltas: new Set() };
  ports.peers.serve(
    (handoff, signal) => {
      const running = world.sessions.get(handoff.sessionId)?.run;
      if (!running) return Promise.resolve({ status: "failed", summary: `session ${handoff.sessionId} is not running here` });
      return executeTask(running.run, handoff, signal);
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
    state: async (sessionId) => world.sessions.get(sessionId)?.log.state ?? loadState(ports, sessionId),
    async close() {
      const stop: Stop = { code: "session_timeout", message: "the program was closed; resume to go on" };
      const running = [...world.sessions.values()].flatMap((session) => (session.run ? [session.run] : []));
      for (const { controller } of running) controller.abort(stop);
      await Promise.all(running.map(({ done }) => done));
    },
  };
}

async function dispatch<T extends CommandType>(world: World, command: { type: T } & Commands[T]): Promise<Result<CommandAnswer[T]>> {
  if (!Object.hasOwn(handlers, command.type)) return fail("unknown_command", `There is no command "${(command as Command).type}".`);
  const handler: Handler<T> = handlers[command.type];
  return handler(world, command);
}

async function openSession(world: World, sessionId: SessionId): Promise<OpenSession | undefined> {
  const present = world.sessions.get(sessionId);
  if (present && !present.log.broken) return present;
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
      onBroken: (error) => opened.run?.controller.abort({ code: "not_recorded", message: error.message } satisfies Stop),
    }),
  };
  world.sessions.set(sessionId, opened);
  return opened;
}

async function runSession(world: World, command: Commands["session.run"]): Promise<Result<RunOutcome>> {
  const session = await openSession(world, command.sessionId);
  if (!session) return noSession(command.sessionId);
  if (session.run) return fail("busy", `Session ${command.sessionId} is running already.`);
  const controller = new AbortController();
  const { ports, options } = world;
  const run: Run = {
    ports,
    log: session.log,
    attended: options.attended,
    tools: new Map(),
    controllers: new Map(),
    answers: new Map(),
    onDelta: (taskId, agent, delta) => world.deltas.forEach((listener) => listener(command.sessionId, taskId, agent, delta)),
    mergeQueue: Promise.resolve(),
    signal: controller.signal,
  };
  const done = runToEnd(run, command, controller).finally(() => delete session.run);
  session.run = { run, controller, done };
  return done;
}

async function runToEnd(run: Run, command: Commands["session.run"], controller: AbortController): Promise<Result<RunOutcome>> {
  const over = new AbortController();
  try {
    for (const tool of await run.ports.tools.list()) run.tools.set(tool.name, tool);
    const refused = await prepareRun(run, command);
    if (refused) return refused;
    const { minutes } = run.log.state.config.budget;
    const late: Stop = { code: "session_timeout", message: `the session's ${minutes} minutes are over; resume to go on` };
    void run.ports.clock.sleep(minutes * 60_000, over.signal).then(() => over.signal.aborted || controller.abort(late));
    return ok(await runLoop(run));
  } catch (error) {
    if (run.log.broken) return fail("not_recorded", `${run.log.broken.message}. What was recorded is safe; mend the cause, then resume.`);
    controller.abort({ code: "session_timeout", message: "stopped by an internal error" } satisfies Stop);
    return recordBug(run, error);
  } finally {
    over.abort();
  }
}

/** A bug ends the run with a record of it; the session stays resumable. */
async function recordBug(run: Run, error: unknown): Promise<Result<RunOutcome>> {
  const message = messageOf(error);
  const where = error instanceof Error && error.stack ? { where: error.stack } : {};
  const outcome: RunOutcome = { status: "failed", answer: "", reason: `internal error: ${message}`, unproven: false };
  run.log.append(
    { type: "error", actor: "orchestrator", payload: { code: "internal", message, ...where } },
    { type: "run.ended", actor: "orchestrator", payload: outcome },
    { type: "session.ended", actor: "orchestrator", payload: { status: "failed" } },
  );
  await run.log.durable();
  return ok(outcome);
}

async function resolveApproval(world: World, command: Commands["approval.resolve"]): Promise<Result<{ decision: "approve" | "deny" }>> {
  const { sessionId, approvalId, decision, by, reason } = command;
  return withLog(world, sessionId, async (log) => {
    const approval = log.state.approvals[approvalId];
    if (!approval) return fail("not_found", `There is no approval ${approvalId} in session ${sessionId}.`);
    if (approval.resolution)
      return fail(
        "already_answered",
        `Approval ${approvalId} was answered already: ${approval.resolution.decision} by ${approval.resolution.by}.`,
      );
    const payload = { approvalId, decision, scope: command.scope ?? ("once" as const), by, ...(reason === undefined ? {} : { reason }) };
    log.append({ type: "approval.resolved", actor: by, ...(approval.taskId ? { taskId: approval.taskId } : {}), payload });
    await log.durable();
    world.sessions.get(sessionId)?.run?.run.answers.get(approvalId)?.();
    return ok({ decision });
  });
}

async function resolveInterrupt(
  world: World,
  { sessionId, interruptId, action, text }: Commands["interrupt.resolve"],
): Promise<Result<{ action: string }>> {
  return withLog(world, sessionId, async (log) => {
    const interrupt = log.state.interrupts[interruptId];
    if (!interrupt) return fail("not_found", `There is no question ${interruptId} in session ${sessionId}.`);
    if (interrupt.resolution) return fail("already_answered", `Question ${interruptId} was answered already.`);
    log.append({
      type: "interrupt.resolved",
      actor: "user",
      ...(interrupt.taskId ? { taskId: interrupt.taskId } : {}),
      payload: { interruptId, action, text },
    });
    await log.durable();
    world.sessions.get(sessionId)?.run?.run.answers.get(interruptId)?.();
    return ok({ action });
  });
}

async function withLog<T>(world: World, sessionId: SessionId, work: (log: SessionLog) => Promise<Result<T>>): Promise<Result<T>> {
  const session = await openSession(world, sessionId);
  if (!session) return noSession(sessionId);
  try {
    const answer = await work(session.log);
    await session.log.durable();
    return answer;
  } catch (error) {
    if (!session.log.broken) throw error;
    world.sessions.delete(sessionId);
    return fail("busy", `Session ${sessionId} is being written by another process; answer there, or try again when it has ended.`);
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

function noSession(sessionId: SessionId): { ok: false; error: Failure } {
  return fail("not_found", `There is no session "${sessionId}"; see: ao list`);
}

// state = reduce(events) (A2). Pure: no clock, no randomness, no I/O; the same events give the same state, byte for byte.
// One case per event type, by a mapped type: a forgotten case does not compile. Unknown types change nothing (A14).

import { type EventOf, type EventPayloads, type EventType, isKnown, type TraceEvent } from "./events.ts";
import type { TaskId } from "./ids.ts";
import {
  addCheckpoint,
  addCommit,
  decideParts,
  endLanding,
  isOpenLanding,
  proposeLanding,
  reopenLanding,
  rollBack,
  undoWork,
} from "./reduceLanding.ts";
import { addUsage, isTerminal, noUsage, type RunState, type SessionState, type StepState, type TaskState, totalTokens } from "./state.ts";

type Reducer<T extends EventType> = (state: SessionState, event: EventOf<T>) => SessionState;

const keptHistory = 10;
/** Of a task's work that are named in the state; all of them are in its patch. */
const mostFiles = 100;

const same = (state: SessionState): SessionState => state;

const reducers: { [T in EventType]: Reducer<T> } = {
  "session.created": same, // the initial state is made from this event, see initialState
  "session.resumed": (state, { payload }) => (payload.prompt === undefined ? withRun({ ...state, status: "running" }, goOn) : state),
  "session.ended": (state, { payload }) => ({ ...state, status: payload.status }),
  "run.started": startRun,
  "run.ended": endRun,
  "workflow.node.enter": (state, { payload: { node } }) =>
    node.stepId === undefined
      ? state
      : withStep(state, node.stepId, { status: "running", ...(node.taskId ? { taskId: node.taskId } : {}) }),
  "workflow.node.exit": (state, { payload: { node, status } }) =>
    node.stepId === undefined ? state : withStep(state, node.stepId, { status }),
  "plan.submitted": (state, { payload }) =>
    withRun(state, (run) => ({
      ...run,
      plan: payload.steps.map((step) => ({ ...step, status: "pending" })),
      planned: payload.by !== "workflow",
    })),
  "plan.amended": amendPlan,
  "task.created": createTask,
  "task.updated": updateTask,
  "turn.started": (state, event) =>
    withTask(state, event.taskId, (task) => {
      const { model, seen, purpose } = event.payload;
      const context = seen && !purpose ? { context: seen } : {};
      return { ...task, model, ...context, thinkingSince: event.timestamp };
    }),
  "turn.retried": same,
  "turn.ended": endTurn,
  message: same,
  "call.requested": (state, event) => openCall(state, event, false),
  "call.started": (state, event) => openCall(state, event, true),
  "call.ended": (state, event) =>
    withTask(withTaint(state, event.payload.result), event.taskId, (task) => ({
      ...task,
      openCalls: task.openCalls.filter((call) => call.callId !== event.payload.callId),
      ...writtenBy(task, event.payload.result),
    })),
  "context.compacted": (state, { taskId, payload }) =>
    withTask(state, taskId, (task) => ({ ...task, setAside: (task.setAside ?? 0) + payload.dropped.length })),
  handoff: same,
  "state.changed": changeState,
  "message.sent": hearUser,
  "message.delivered": (state, { taskId, payload }) =>
    withTask(state, taskId, (task) => ({ ...task, heard: [...(task.heard ?? []), payload.messageId] })),
  "approval.requested": (state, event) => ({
    ...state,
    approvals: { ...state.approvals, [event.payload.approvalId]: { ...event.payload, ...(event.taskId ? { taskId: event.taskId } : {}) } },
  }),
  "approval.resolved": (state, { payload: { approvalId, ...resolution } }) => {
    const approval = state.approvals[approvalId];
    if (!approval || approval.resolution) return state;
    return { ...state, approvals: { ...state.approvals, [approvalId]: { ...approval, resolution } } };
  },
  "interrupt.raised": (state, event) => ({
    ...state,
    interrupts: {
      ...state.interrupts,
      [event.payload.interruptId]: { ...event.payload, ...(event.taskId ? { taskId: event.taskId } : {}) },
    },
  }),
  "interrupt.resolved": (state, { payload: { interruptId, action, text } }) => {
    const interrupt = state.interrupts[interruptId];
    if (!interrupt || interrupt.resolution) return state;
    return { ...state, interrupts: { ...state.interrupts, [interruptId]: { ...interrupt, resolution: { action, text } } } };
  },
  "review.scored": (state, { payload }) => ({ ...state, reviews: [...state.reviews, payload] }),
  "review.commented": (state, { payload: { comments } }) => withRun(state, (run) => ({ ...run, comments })),
  "receipt.issued": (state, { payload }) => ({ ...state, receipts: [...state.receipts, payload] }),
  "budget.reserved": (state, { payload }) => withTask(state, payload.taskId, (task) => ({ ...task, reserved: payload.amount })),
  "budget.spent": same, // spending is counted turn by turn from turn.ended
  "budget.refunded": (state, { payload }) => withTask(state, payload.taskId, ({ reserved: _returned, ...task }) => task),
  "workspace.opened": (state, { payload: { base, head } }) => ({
    ...state,
    base,
    head: head ?? base,
    ...(head === undefined ? {} : { carried: true }),
  }),
  "work.merged": mergeWork,
  "work.claimed": (state, { taskId, payload: { path, symbols } }) =>
    withTask(state, taskId, (task) => ({ ...task, claims: { ...task.claims, [path]: [...(task.claims?.[path] ?? []), ...symbols] } })),
  "work.undone": undoWork,
  "work.set_aside": (state, { payload }) => ({
    ...state,
    candidates: { ...state.candidates, [payload.stepId]: { commit: payload.commit, ...(payload.patch ? { patch: payload.patch } : {}) } },
  }),
  "checkpoint.created": addCheckpoint,
  "landing.proposed": proposeLanding,
  "landing.reopened": reopenLanding,
  "landing.done": endLanding,
  "landing.part": decideParts,
  "rollback.done": rollBack,
  "commit.planned": (state, { payload }) => ({ ...state, commitPlanned: payload }),
  "commit.made": addCommit,
  "policy.applied": same,
  "fact.put": same,
  "decision.recorded": same,
  "document.added": same,
  error: same,
};

/** The state after `event`. The first event of a session must be `session.created`. */
export function reduce(state: SessionState | undefined, event: TraceEvent): SessionState {
  if (!state) return initialState(event);
  const next = { ...state, seq: event.seq, updatedAt: event.timestamp };
  if (!isKnown(event)) return next;
  const reducer = reducers[event.type] as Reducer<EventType>;
  return reducer(next, event);
}

export function reduceAll(events: Iterable<TraceEvent>, from?: SessionState): SessionState | undefined {
  let state = from;
  for (const event of events) state = reduce(state, event);
  return state;
}

function initialState(event: TraceEvent): SessionState {
  if (!isKnown(event) || event.type !== "session.created")
    throw new Error(`a session's log must begin with session.created, not ${event.type}`);
  const { name, goal, workspace, config, images, forkedFrom } = event.payload;
  return {
    id: event.sessionId,
    name,
    goal,
    ...(images ? { images } : {}),
    workspace,
    config,
    status: "created",
    seq: event.seq,
    createdAt: event.timestamp,
    updatedAt: event.timestamp,
    ...(forkedFrom ? { forkedFrom } : {}),
    runs: 0,
    history: [],
    tasks: {},
    approvals: {},
    interrupts: {},
    checkpoints: [],
    receipts: [],
    reviews: [],
    candidates: {},
    usage: noUsage,
    costUsd: 0,
    costUnknown: false,
    turns: 0,
  };
}

function startRun(state: SessionState, event: EventOf<"run.started">): SessionState {
  const run: RunState = {
    runId: event.runId,
    ...event.payload,
    startedAt: event.seq,
    status: "running",
    unproven: false,
    planned: false,
  };
  const { landing, waited: _waited, carried: _carried, base: _base, head: _head, said: _said, ...rest } = state;
  const waited = isOpenLanding(landing) ? { waited: landing } : {};
  // One that waited only for a word on its result has been answered by going on.
  const history = state.run?.status === "waiting" && state.run.answer ? remember(state, state.run.answer) : state.history;
  return { ...rest, ...waited, status: "running", run, runs: state.runs + 1, history, receipts: [], reviews: [], candidates: {} };
}

function remember({ history, run, goal, seq }: SessionState, answer: string): SessionState["history"] {
  return [...history, { prompt: run?.prompt ?? goal, answer, seq }].slice(-keptHistory);
}

/** A run that failed without a plan is planned again. */
function goOn({ plan, past: _over, ...run }: RunState): RunState {
  return { ...run, status: "running", ...(plan && plan.length > 0 ? { plan } : {}) };
}

function endRun(state: SessionState, { payload, seq }: EventOf<"run.ended">): SessionState {
  const { status, answer, unproven, reason } = payload;
  const isPast = state.forkedFrom && seq <= state.forkedFrom.seq && status !== "waiting";
  return withRun(
    { ...state, status, ...(status === "done" ? { history: remember(state, answer) } : {}) },
    ({ reason: _old, activeMs: _used, ...run }) => ({
      ...run,
      status,
      answer,
      unproven,
      ...(reason === undefined ? {} : { reason }),
      ...(isPast ? { past: "forked" as const } : {}),
    }),
  );
}

function mergeWork(state: SessionState, event: EventOf<"work.merged">): SessionState {
  const { into, onto, conflicts, fails, commit, patch, files } = event.payload;
  if (conflicts.length > 0 || fails) {
    const conflict = { files: fails ? files : conflicts, ...(patch ? { patch } : {}), ...(fails ? { fails } : {}) };
    return withTask(state, event.taskId, (task) => ({ ...task, conflict }));
  }
  const work = { merged: commit, changed: files.slice(0, mostFiles), ...(onto === undefined ? {} : { onto }), ...(patch ? { patch } : {}) };
  const merged = withTask(state, event.taskId, (task) => ({ ...task, ...work }));
  return into === undefined ? { ...merged, head: commit } : merged;
}

function changeState(state: SessionState, { payload: { key, value } }: EventOf<"state.changed">): SessionState {
  if (key === "config") return { ...state, config: { ...state.config, ...(value as Partial<SessionState["config"]>) } };
  if (key === "imported") return bringHere(state, value as NonNullable<SessionState["imported"]>);
  if (key === "activeMs") return withRun(state, (run) => ({ ...run, activeMs: Number(value) }));
  return key === "name" ? { ...state, name: String(value) } : state;
}

/** What a person allowed elsewhere counts for what was done there. */
function bringHere(state: SessionState, imported: NonNullable<SessionState["imported"]>): SessionState {
  const approvals = Object.entries(state.approvals).map(([id, { resolution, ...approval }]) => [
    id,
    { ...approval, ...(resolution ? { resolution: { ...resolution, scope: "once" as const } } : {}) },
  ]);
  return { ...state, imported, approvals: Object.fromEntries(approvals) as SessionState["approvals"] };
}

/** Only what a person or the orchestrator says changes the state; agents' messages are handled where they are sent. */
function hearUser(state: SessionState, { taskId, payload }: EventOf<"message.sent">): SessionState {
  const { text } = payload.payload as { text?: unknown };
  if (typeof text !== "string" || payload.mode !== "async" || state.tasks[payload.from as TaskId]) return state;
  const by = payload.from === "orchestrator" ? { by: payload.from as "orchestrator" } : {};
  return { ...state, said: [...(state.said ?? []), { messageId: payload.messageId, text, ...(taskId ? { to: taskId } : {}), ...by }] };
}

function amendPlan(state: SessionState, { payload }: EventOf<"plan.amended">): SessionState {
  const { add, redirect } = payload;
  return withRun(state, (run) => {
    const moved = (run.plan ?? []).map((step) => ({ ...step, dependsOn: (step.dependsOn ?? []).map((id) => redirect[id] ?? id) }));
    return { ...run, plan: [...moved, ...add.map((step): StepState => ({ ...step, status: "pending" }))] };
  });
}

function createTask(state: SessionState, { payload }: EventOf<"task.created">): SessionState {
  const { task, ...place } = payload;
  const created: TaskState = { ...task, ...place, turns: 0, usage: noUsage, costUsd: 0, costUnknown: false, openCalls: [] };
  return { ...state, tasks: { ...state.tasks, [task.id]: created } };
}

function updateTask(state: SessionState, event: EventOf<"task.updated">): SessionState {
  return withTask(state, event.taskId, (task) => {
    const { status } = event.payload;
    const started = status === "running" && task.startedAt === undefined ? { startedAt: event.timestamp } : {};
    const ended = isTerminal(status) ? { endedAt: event.timestamp, openCalls: [] } : {};
    const { reason: _past, ...rest } = task;
    return { ...rest, ...event.payload, ...started, ...ended, updatedAt: event.timestamp };
  });
}

function endTurn(state: SessionState, event: EventOf<"turn.ended">): SessionState {
  const { usage, costUsd } = event.payload;
  const unknown = costUsd === null && totalTokens(usage) > 0;
  const add = <S extends Pick<SessionState, "usage" | "costUsd" | "costUnknown" | "turns">>(sum: S): S => ({
    ...sum,
    usage: addUsage(sum.usage, usage),
    costUsd: sum.costUsd + (costUsd ?? 0),
    costUnknown: sum.costUnknown || unknown,
    turns: sum.turns + 1,
  });
  return withTask(add(state), event.taskId, ({ thinkingSince: _over, ...task }) => add(task));
}

const mostWritten = 500;

function writtenBy({ written = [] }: TaskState, { ok, details }: EventPayloads["call.ended"]["result"]): Pick<TaskState, "written"> {
  const { written: more } = (ok && typeof details === "object" && details !== null ? details : {}) as { written?: unknown };
  const fresh = Array.isArray(more) ? more.filter((path): path is string => typeof path === "string" && !written.includes(path)) : [];
  return fresh.length === 0 ? {} : { written: [...written, ...fresh].slice(0, mostWritten) };
}

const mostSources = 50;

/** What an agent reads it may pass on in any words, through files as well: the label stays on the whole session. */
function withTaint(state: SessionState, { details }: EventPayloads["call.ended"]["result"]): SessionState {
  const { taint } = (typeof details === "object" && details !== null ? details : {}) as { taint?: unknown };
  if (!Array.isArray(taint)) return state;
  const had = state.taint ?? [];
  const fresh = taint.filter((source): source is string => typeof source === "string" && !had.includes(source));
  return fresh.length === 0 ? state : { ...state, taint: [...had, ...fresh].slice(0, mostSources) };
}

function openCall(state: SessionState, event: EventOf<"call.requested"> | EventOf<"call.started">, started: boolean): SessionState {
  const { callId, tool } = event.payload;
  return withTask(state, event.taskId, (task) => {
    const others = task.openCalls.filter((call) => call.callId !== callId);
    return { ...task, openCalls: [...others, { callId, tool, started }] };
  });
}

function withRun(state: SessionState, change: (run: RunState) => RunState): SessionState {
  return state.run ? { ...state, run: change(state.run) } : state;
}

function withStep(state: SessionState, stepId: string, change: Partial<StepState>): SessionState {
  return withRun(state, (run) => ({ ...run, plan: (run.plan ?? []).map((step) => (step.id === stepId ? { ...step, ...change } : step)) }));
}

function withTask(state: SessionState, taskId: TaskId | undefined, change: (task: TaskState) => TaskState): SessionState {
  const task = taskId && state.tasks[taskId];
  return task ? { ...state, tasks: { ...state.tasks, [taskId]: change(task) } } : state;
}

// The part of reduce() that tells what was taken into the user's files: landings, whole or in parts, the ways
// back, and commits.
// Pure, as reduce.ts is.

import type { EventOf } from "./events.ts";
import type { CheckpointId, Commit, TaskId } from "./ids.ts";
import { landedAt } from "./landed.ts";
import type { Asked, Checkpoint, LandingState, SessionState } from "./state.ts";

export function proposeLanding(state: SessionState, { payload, seq }: EventOf<"landing.proposed">): SessionState {
  return { ...state, landing: { ...payload, seq, ...(state.base ? { base: state.base } : {}) } };
}

export function reopenLanding(state: SessionState): SessionState {
  return state.waited ? { ...state, landing: state.waited } : state;
}

export function isOpenLanding(landing: LandingState | undefined): landing is LandingState {
  return landing !== undefined && landing.decision !== "applied" && landing.decision !== "discarded";
}

/** What was taken in parts is on record part by part. */
export function endLanding(state: SessionState, { payload: { decision, commit, written }, seq }: EventOf<"landing.done">): SessionState {
  const { landing } = state;
  if (!landing) return state;
  const ended = { ...state, landing: { ...landing, decision, ...(written === undefined ? {} : { written }) } };
  if (decision !== "applied") return ended;
  const { carried: _taken, ...landed } = landing.taken === undefined ? withLanded(ended, landing.base, written ?? commit, seq) : ended;
  return { ...landed, base: commit, head: commit };
}

export function decideParts(state: SessionState, { payload, seq }: EventOf<"landing.part">): SessionState {
  const { landing } = state;
  const { decision, commit, conflicts, joined } = payload;
  if (!landing || conflicts.length > 0) return state;
  const how = { decision, ...(joined ? { joined } : {}) };
  const parts = payload.parts.reduce((all, part) => withPart(all, { ...part, ...how }), landing.parts ?? []);
  // What could not be taken before is open as all the rest.
  const { unproven: _before, decision: _conflict, written: _earlier, ...known } = landing;
  const decided = { ...known, parts, ...(payload.unproven ? { unproven: true as const } : {}) };
  if (decision === "discarded") return { ...state, landing: { ...landing, ...decided } };
  const { written } = payload;
  const taken = { ...decided, taken: commit, ...(written === undefined ? {} : { written }) };
  return withLanded({ ...state, landing: taken }, landing.taken ?? landing.base, written ?? commit, seq);
}

export type DecidedPart = NonNullable<LandingState["parts"]>[number];

/** A whole file supersedes its hunks; hunks with the same answer stand together. */
export function withPart(parts: DecidedPart[], part: DecidedPart): DecidedPart[] {
  const { path, decision, hunks, joined } = part;
  if (!hunks) return [...parts.filter((other) => other.path !== path), part];
  const like = (other: DecidedPart): boolean =>
    other.path === path && other.decision === decision && other.joined === joined && other.hunks !== undefined;
  const all = new Set([...parts.filter(like).flatMap((other) => other.hunks ?? []), ...hunks]);
  return [...parts.filter((other) => !like(other)), { ...part, hunks: [...all].toSorted((a, b) => a - b) }];
}

function withLanded(state: SessionState, base: Commit | undefined, commit: Commit, seq: number): SessionState {
  return base === undefined || base === commit ? state : { ...state, landed: [...(state.landed ?? []), { base, commit, seq }] };
}

export function undoWork(state: SessionState, { payload, seq }: EventOf<"work.undone">): SessionState {
  const { tasks, again, base, commit, conflicts } = payload;
  if (conflicts.length > 0 || commit === undefined) return state;
  const marked = { ...state.tasks };
  for (const id of tasks) {
    const { undone: _before, ...task } = marked[id] ?? {};
    if ("id" in task) marked[id] = again ? task : { ...task, undone: base === undefined ? "proposal" : "files" };
  }
  if (base === undefined) return { ...state, tasks: marked, head: commit };
  const entry = { base, commit, seq, undoes: tasks, ...(again ? { again } : {}) };
  return { ...state, tasks: marked, landed: [...(state.landed ?? []), entry] };
}

/** A step's work begins at the run's base and is not landed; other checkpoints are the user's own files. */
export function addCheckpoint(state: SessionState, { payload, taskId, seq }: EventOf<"checkpoint.created">): SessionState {
  const from = taskId && state.base ? { from: state.base } : {};
  const { run, landing, base } = state;
  const isFirst = run?.status === "running" && run.startedAt !== undefined && landing === undefined && base === payload.commit;
  const at = isFirst && !taskId ? { at: run.startedAt! - 1 } : {};
  return { ...state, checkpoints: [...state.checkpoints, { ...payload, seq, ...from, ...at }] };
}

export function addCommit({ commitPlanned: _made, ...state }: SessionState, { payload, seq }: EventOf<"commit.made">): SessionState {
  return { ...state, commits: [...(state.commits ?? []), { ...payload, seq }] };
}

export function rollBack(state: SessionState, event: EventOf<"rollback.done">): SessionState {
  const { to, what, files, conflicts } = event.payload;
  if (conflicts.length > 0 && files.length === 0) return state;
  const remembered = what === "files" ? state : rewind(state, event);
  return what === "state" ? remembered : takeBack(remembered, { seq: event.seq, to });
}

const keptForgotten = 20;

/** What was asked and answered after the checkpoint is not passed on any more, and a run that began after it is over. */
function rewind(state: SessionState, { payload: { to }, seq }: EventOf<"rollback.done">): SessionState {
  const checkpoint = state.checkpoints.find((one) => one.checkpointId === to);
  if (!checkpoint) return state;
  const all = [...(state.forgotten ?? []), ...state.history].toSorted((a, b) => a.seq - b.seq);
  const rewinds = [...(state.rewinds ?? []), { seq, to }];
  const counts = new Set(knownAt({ rewinds, checkpoints: state.checkpoints }, all, seq));
  const forgotten = all.filter((one) => !counts.has(one)).slice(-keptForgotten);
  const history = all.filter((one) => counts.has(one));
  const { run } = state;
  const isAfter = run?.startedAt !== undefined && run.startedAt > placeOf(checkpoint);
  const back = { ...state, history, forgotten, rewinds, ...(run && isAfter ? { run: { ...run, past: "rewound" as const } } : {}) };
  const { landing, waited } = back;
  if (isAfter && isOpenLanding(landing)) {
    const { landing: _aside, ...rest } = back;
    return { ...rest, waited: landing };
  }
  const wasThere = waited?.seq !== undefined && waited.seq < placeOf(checkpoint);
  return !isOpenLanding(landing) && wasThere ? { ...back, landing: waited } : back;
}

/** As landedAt() for files: what counted at the checkpoint, and what came since. */
function knownAt(
  record: Pick<SessionState, "checkpoints"> & { rewinds: { seq: number; to: CheckpointId }[] },
  all: Asked[],
  seq: number,
): Asked[] {
  const back = record.rewinds.findLast((one) => one.seq <= seq);
  const since = all.filter((one) => one.seq <= seq && one.seq > (back?.seq ?? 0));
  const target = back && record.checkpoints.find((one) => one.checkpointId === back.to);
  return target && placeOf(target) < seq ? [...knownAt(record, all, placeOf(target)), ...since] : since;
}

function placeOf({ at, seq }: Checkpoint): number {
  return at ?? seq;
}

/** Which tasks' work is undone in the user's files follows from what is in them. */
function withMarks(state: SessionState, seq: number): SessionState {
  const undone = new Set<TaskId>();
  for (const { undoes = [], again } of landedAt(state, seq)) for (const id of undoes) void (again ? undone.delete(id) : undone.add(id));
  const tasks = Object.entries(state.tasks).map(([id, task]) => {
    const { undone: mark, ...rest } = task;
    return [id, mark === "proposal" || undone.has(id as TaskId) ? { ...rest, undone: mark ?? ("files" as const) } : rest];
  });
  return { ...state, tasks: Object.fromEntries(tasks) as SessionState["tasks"] };
}

function takeBack(state: SessionState, { seq, to }: { seq: number; to: CheckpointId }): SessionState {
  const back = withMarks({ ...state, landed: [...(state.landed ?? []), { seq, to }] }, seq);
  const { landing } = state;
  const last = landing?.written ?? landing?.taken ?? landing?.commit;
  if (!landing || last === undefined) return back;
  const isIn = landedAt(back, seq).some(({ commit }) => commit === last);
  const { taken: _taken, unproven: _unproven, ...untaken } = landing;
  switch (landing.decision) {
    case "applied":
      return isIn || !landing.base ? back : { ...back, base: landing.base, landing: { ...landing, decision: "discarded" } };
    case "discarded":
      return isIn ? { ...back, base: last, head: last, landing: { ...landing, decision: "applied" } } : back;
    default:
      return isIn
        ? back
        : { ...back, landing: { ...untaken, parts: (landing.parts ?? []).filter((part) => part.decision === "discarded") } };
  }
}

// The part of reduce() that tells what was taken into the user's files: landings, whole or in parts, and the ways back.
// Pure, as reduce.ts is.

import type { EventOf } from "./events.ts";
import type { Commit } from "./ids.ts";
import { landedAt } from "./landed.ts";
import type { LandingState, SessionState } from "./state.ts";

export function proposeLanding(state: SessionState, { payload }: EventOf<"landing.proposed">): SessionState {
  return { ...state, landing: { ...payload, ...(state.base ? { base: state.base } : {}) } };
}

/** What was taken in parts is on record part by part. */
export function endLanding(state: SessionState, { payload: { decision, commit }, seq }: EventOf<"landing.done">): SessionState {
  const { landing } = state;
  if (!landing) return state;
  const ended = { ...state, landing: { ...landing, decision } };
  if (decision !== "applied") return ended;
  const { carried: _taken, ...landed } = landing.taken === undefined ? withLanded(ended, landing.base, commit, seq) : ended;
  return { ...landed, base: commit, head: commit };
}

export function decideParts(state: SessionState, { payload, seq }: EventOf<"landing.part">): SessionState {
  const { landing } = state;
  const { decision, commit, conflicts } = payload;
  if (!landing || conflicts.length > 0) return state;
  const parts = payload.parts.reduce((all, part) => withPart(all, { ...part, decision }), landing.parts ?? []);
  const { unproven: _before, ...known } = landing;
  const decided = { ...known, parts, ...(payload.unproven ? { unproven: true as const } : {}) };
  if (decision === "discarded") return { ...state, landing: decided };
  return withLanded({ ...state, landing: { ...decided, taken: commit } }, landing.taken ?? landing.base, commit, seq);
}

export type DecidedPart = NonNullable<LandingState["parts"]>[number];

/** A whole file supersedes its hunks; hunks with the same answer stand together. */
export function withPart(parts: DecidedPart[], part: DecidedPart): DecidedPart[] {
  const { path, decision, hunks } = part;
  if (!hunks) return [...parts.filter((other) => other.path !== path), part];
  const like = (other: DecidedPart): boolean => other.path === path && other.decision === decision && other.hunks !== undefined;
  const all = new Set([...parts.filter(like).flatMap((other) => other.hunks ?? []), ...hunks]);
  return [...parts.filter((other) => !like(other)), { path, hunks: [...all].toSorted((a, b) => a - b), decision }];
}

function withLanded(state: SessionState, base: Commit | undefined, commit: Commit, seq: number): SessionState {
  return base === undefined ? state : { ...state, landed: [...(state.landed ?? []), { base, commit, seq }] };
}

/** A step's work begins at the run's base and is not landed; other checkpoints are the user's own files. */
export function addCheckpoint(state: SessionState, { payload, taskId, seq }: EventOf<"checkpoint.created">): SessionState {
  const from = taskId && state.base ? { from: state.base } : {};
  return { ...state, checkpoints: [...state.checkpoints, { ...payload, seq, ...from }] };
}

export function rollBack(state: SessionState, { payload: { to, files, conflicts }, seq }: EventOf<"rollback.done">): SessionState {
  if (conflicts.length > 0 && files.length === 0) return state;
  const back = { ...state, landed: [...(state.landed ?? []), { seq, to }] };
  const { landing } = state;
  const last = landing?.taken ?? landing?.commit;
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

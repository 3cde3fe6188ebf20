// The part of reduce() that tells what was taken into the user's files: landings, whole or in parts. Pure, as reduce.ts is.

import type { EventOf } from "./events.ts";
import type { Commit } from "./ids.ts";
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
  const landed = landing.taken === undefined ? withLanded(ended, landing.base, commit, seq) : ended;
  return { ...landed, base: commit, head: commit };
}

export function decideParts(state: SessionState, { payload, seq }: EventOf<"landing.part">): SessionState {
  const { landing } = state;
  const { decision, commit, conflicts } = payload;
  if (!landing || conflicts.length > 0) return state;
  const parts = payload.parts.reduce((all, part) => withPart(all, { ...part, decision }), landing.parts ?? []);
  if (decision === "discarded") return { ...state, landing: { ...landing, parts } };
  return withLanded({ ...state, landing: { ...landing, parts, taken: commit } }, landing.taken ?? landing.base, commit, seq);
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

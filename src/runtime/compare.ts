// Two sessions side by side, forks of one as a rule: where they part, what each did since, and how their results differ.

import { stateAt } from "../core/agentState.ts";
import type { StorePort } from "../core/ports.ts";
import type { Patch } from "../core/workspacePort.ts";
import { isKnown, type TraceEvent } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { Commit } from "../protocol/ids.ts";
import { standingOf } from "../protocol/landed.ts";
import { describeProof, proofsOf } from "../protocol/proof.ts";
import { noUsage, type SessionState, totalTokens } from "../protocol/state.ts";
import { diffBetween } from "../workspace/bundle.ts";

export type Side = {
  sessionId: string;
  name: string;
  status: string;
  models: string[];
  answer: string;
  reason: string | null;
  steps: { done: number; all: number };
  turns: number;
  calls: number;
  tokens: number;
  /** Null where some of it has no known price. */
  costUsd: number | null;
  /** From the beginning of its work since they part to its end, and of that the time in which a run went on. */
  wallMs: number;
  workMs: number;
  checks: string[];
  files: string[];
  /** What became of its changes. */
  changes: string | null;
};

export type Comparison = {
  /** The last event that both have; 0 where they have nothing in common. Figures count from there. */
  common: number;
  a: Side;
  b: Side;
  /** From the result of `a` to that of `b`. */
  diff: Patch | null;
};

export async function compareSessions(
  { store, dataDir }: { store: StorePort; dataDir: string },
  a: SessionState,
  b: SessionState,
): Promise<Comparison> {
  const [ofA, ofB] = await Promise.all([store.read(a.id), store.read(b.id)]);
  const common = commonPast(ofA, ofB);
  const shared = common === 0 ? undefined : await stateAt({ store }, a.id, common);
  const [from, to] = [a, b].map(resultOf);
  const diff =
    from && to ? await diffBetween(dataDir, { workspace: a.workspace, commit: from }, { workspace: b.workspace, commit: to }) : null;
  return { common, a: sideOf(a, ofA, common, shared), b: sideOf(b, ofB, common, shared), diff };
}

/** Its files as the session leaves them; as it found them where it changed none. */
function resultOf({ landing, head, base }: SessionState): Commit | undefined {
  return landing?.commit ?? head ?? base;
}

/** A fork's events have the times, actors and tasks of its source's. */
function commonPast(a: TraceEvent[], b: TraceEvent[]): number {
  const sign = ({ type, timestamp, actor, taskId, runId }: TraceEvent): string =>
    canonicalJson([type, timestamp, actor, taskId ?? "", runId]);
  let common = a[0]?.runId === b[0]?.runId ? 1 : 0;
  while (common > 0 && a[common] && b[common] && sign(a[common]!) === sign(b[common]!)) common += 1;
  return common;
}

function sideOf(state: SessionState, events: TraceEvent[], common: number, shared: SessionState | undefined): Side {
  const own = events.slice(common).filter(isKnown);
  const plan = state.run?.plan ?? [];
  const models = own.flatMap((event) => (event.type === "turn.ended" ? [event.payload.model] : []));
  return {
    sessionId: state.id,
    name: state.name,
    status: state.status,
    models: [...new Set(models.length > 0 ? models : [state.config.model])],
    answer: state.run?.answer ?? "",
    reason: state.run?.reason ?? null,
    steps: { done: plan.filter(({ status }) => status === "done").length, all: plan.length },
    turns: state.turns - (shared?.turns ?? 0),
    calls: own.filter(({ type }) => type === "call.started").length,
    tokens: totalTokens(state.usage) - totalTokens(shared?.usage ?? noUsage),
    costUsd: state.costUnknown && !shared?.costUnknown ? null : state.costUsd - (shared?.costUsd ?? 0),
    ...timeOf(own, shared?.status === "running"),
    checks: proofsOf(state).map(describeProof),
    files: (state.landing?.files ?? []).map(({ path }) => path),
    changes: standingOf(state) ?? null,
  };
}

function timeOf(own: TraceEvent[], running: boolean): Pick<Side, "wallMs" | "workMs"> {
  let begun = running && own[0] && own[0].type !== "state.changed" ? Date.parse(own[0].timestamp) : undefined;
  let [first, last, workMs] = [begun, begun, 0];
  for (const { type, timestamp } of own) {
    const at = Date.parse(timestamp);
    if (type === "run.started" || type === "session.resumed") begun ??= at;
    if (begun === undefined) continue;
    first ??= begun;
    last = at;
    if (type !== "run.ended") continue;
    workMs += at - begun;
    begun = undefined;
  }
  if (begun !== undefined && last !== undefined) workMs += last - begun;
  return { wallMs: (last ?? 0) - (first ?? 0), workMs };
}

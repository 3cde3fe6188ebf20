// What stands at the end of a run: the answer where there is one, else why there is none, and what a person can do now as
// commands to copy. Pure.

import { describeFailure, failedSteps } from "../../core/plan.ts";
import type { RunOutcome } from "../../protocol/commands.ts";
import { describeProof, proofsOf } from "../../protocol/proof.ts";
import { childrenOf, pendingApprovals, pendingInterrupts, type LandingState, type SessionState } from "../../protocol/state.ts";
import { cost, counted, duration, fileNames, tokens, visible } from "../format.ts";

export function summaryLines(state: SessionState, outcome: RunOutcome, ms: number): string[] {
  const answered = outcome.status === "done" || (outcome.status === "waiting" && onlyLandingWaits(state));
  const figures = `${tokens(state.usage)}, ${cost(state.costUsd, state.costUnknown)}, ${counted(state.turns, "turn")}, ${duration(ms)}`;
  return [
    ...(answered && outcome.answer ? ["", visible(outcome.answer)] : []),
    "",
    `Session ${state.id}: ${outcome.status} (${figures})`,
    ...reasonLines(state, outcome),
    ...waysOn(state, outcome.status),
    `Record: ao trace ${state.id}`,
  ];
}

function onlyLandingWaits(state: SessionState): boolean {
  const asked = pendingApprovals(state).some((approval) => approval.kind === "call") || pendingInterrupts(state).length > 0;
  return state.landing !== undefined && !asked;
}

function reasonLines(state: SessionState, outcome: RunOutcome): string[] {
  const reason = reasonOf(state, outcome);
  const word = outcome.status === "done" ? "Note" : outcome.unproven ? "Unproven" : "Reason";
  return reason === undefined ? [] : [`${word}: ${visible(reason)}`];
}

/** Of a failure, what the failing steps themselves say; of waiting, only what the ways on do not tell. */
export function reasonOf(state: SessionState, { status, reason }: Pick<RunOutcome, "status" | "reason">): string | undefined {
  if (status === "waiting") return state.landing === undefined || reason === "the changes wait to be applied" ? undefined : reason;
  if (status === "done") return reason;
  if (status !== "failed") return undefined;
  const failed = (state.run ? failedSteps(state.run) : []).map((step) => describeFailure(state, step));
  // Steps may also have been cut off by what ended the run: then the run's own reason is the better one.
  if (reason !== undefined && failed[0]?.startsWith(reason)) return failed.join("\n");
  const last = state.run && childrenOf(state, state.run.rootTask).at(-1);
  const summary = last?.status === "failed" ? (last.output?.summary ?? "") : "";
  return [reason, summary].filter((one) => one !== undefined && one !== "").join(": ") || "not known";
}

export function waysOn(state: SessionState, status: SessionState["status"]): string[] {
  const { id, landing, workspace } = state;
  const lines: string[] = [];
  for (const approval of pendingApprovals(state))
    if (approval.kind === "call") lines.push(`Waiting for you: ao approve ${approval.approvalId} && ao resume ${id}`);
  for (const interrupt of pendingInterrupts(state))
    lines.push(`An agent asks: ${visible(interrupt.text)}`, `  ao answer ${interrupt.interruptId} "…" && ao resume ${id}`);
  const files = counted(landing?.files.length ?? 0, "file");
  if (landing?.decision === "applied") lines.push(`Applied to ${workspace}: ${fileNames(takenFiles(landing))}`);
  else if (landing?.decision === "discarded") lines.push(`Discarded the changes to ${files}; your files are as they were.`);
  else if (landing?.decision === "conflict")
    lines.push(
      `Changes to ${files} do not fit yours: ao changes ${id} · once you have joined them by hand: ao apply ${id} FILE… --joined · by an agent: ao apply ${id} --join · ao discard ${id}`,
    );
  else if (landing) {
    const what = status === "waiting" || status === "done" ? `Changes to ${files} are ready` : `What is there so far changes ${files}`;
    lines.push(`${what}: ao changes ${id} · ao apply ${id} · ao discard ${id}`);
  }
  for (const proof of proofsOf(state)) lines.push(`Check: ${visible(describeProof(proof))}`);
  if (status === "failed" || status === "cancelled") lines.push(`Nothing is lost; go on with: ao resume ${id}`);
  return lines;
}

function takenFiles({ files, parts }: LandingState): string[] {
  const taken = parts?.filter((part) => part.decision === "applied").map((part) => part.path);
  return files.map((file) => file.path).filter((path) => taken?.includes(path) ?? true);
}

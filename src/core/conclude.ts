// The end of a run: the last check on the joined result, the coordinator's answer, the landing, and the run's status.
// Says what is so: failed steps, unproven claims and waiting questions are named, never glossed over.

import type { EventDraft, RunStatus } from "../protocol/events.ts";
import type { RunOutcome } from "../protocol/commands.ts";
import { pendingApprovals, pendingInterrupts, type StepState } from "../protocol/state.ts";
import { spentBy } from "./budget.ts";
import { hasUnjoined } from "./codePlan.ts";
import { doubtOf } from "./concerns.ts";
import { type CheckEnd, finalCheck } from "./finalCheck.ts";
import { landResult } from "./landing.ts";
import { whyUnproven } from "./landingEnd.ts";
import { partialResult } from "./partial.ts";
import { describeFailure, failedSteps, isPlanner } from "./plan.ts";
import { ownChecks, requiredOf } from "./projectChecks.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { stopOf } from "./stop.ts";
import { outcomeOf } from "./stepInput.ts";

export async function conclude(run: Run, parked: string[]): Promise<RunOutcome> {
  if (run.signal.aborted) return interrupted(run);
  if (parked.length > 0) return finish(run, await parkedOutcome(run, parked));
  const failures = failedSteps(stateOf(run).run!);
  if (failures.length > 0 || emptyPlan(run)) return failedOutcome(run, failures);
  const check = await finalCheck(run);
  const ended = await afterCheck(run, check);
  if (ended) return ended;
  const answer = await synthesis(run);
  if (run.signal.aborted) return interrupted(run);
  if (answer.kind === "parked") return finish(run, await parkedOutcome(run, [answer.reason]));
  // What is said in the end is held against the receipts as well.
  const last = check?.kind === "unproven" ? check : await finalCheck(run, answer.text);
  const endedLast = await afterCheck(run, last);
  if (endedLast) return endedLast;
  const outcome: RunOutcome =
    last?.kind === "unproven"
      ? { status: "failed", answer: answer.text, unproven: true, reason: last.reason }
      : { status: "done", answer: answer.text, unproven: false };
  return finish(run, await withLanding(run, outcome));
}

/** The end of a run whose last check stops it. */
async function afterCheck(run: Run, check: CheckEnd | undefined): Promise<RunOutcome | undefined> {
  if (run.signal.aborted) return interrupted(run);
  if (check?.kind === "parked") return finish(run, await parkedOutcome(run, [check.reason]));
  if (check?.kind !== "failed") return undefined;
  const outcome: RunOutcome = { status: "failed", answer: check.summary, reason: "the checks fail on the joined result", unproven: true };
  return finish(run, await withLanding(run, outcome));
}

async function interrupted(run: Run): Promise<RunOutcome> {
  const { code, message } = stopOf(run.signal);
  if (code === "closed") {
    // Not an end: the log says that it was running, and whoever opens it next goes on.
    await run.log.saveSnapshot();
    return { status: "failed", answer: "", reason: message, unproven: false };
  }
  const status: RunStatus = code === "cancelled" ? "cancelled" : "failed";
  return finish(run, { status, answer: await partialResult(run), reason: message, unproven: false });
}

async function parkedOutcome(run: Run, reasons: string[]): Promise<RunOutcome> {
  const waits = pendingApprovals(stateOf(run)).length + pendingInterrupts(stateOf(run)).length > 0;
  const answer = waits ? progressText(run) : await partialResult(run);
  return { status: waits ? "waiting" : "failed", answer, reason: [...new Set(reasons)].join("; "), unproven: false };
}

function emptyPlan(run: Run): boolean {
  return (stateOf(run).run?.plan?.length ?? 0) === 0;
}

async function failedOutcome(run: Run, failures: StepState[]): Promise<RunOutcome> {
  const state = stateOf(run);
  const named = failures.map((step) => describeFailure(state, step));
  const reason = named[0]?.split("\n")[0] ?? "no plan was made";
  const planner = Object.values(state.tasks).findLast((task) => isPlanner(task) && task.parentId === state.run!.rootTask);
  const answer = [...named, ...(named.length === 0 && planner?.output ? [planner.output.summary] : []), progressText(run)]
    .filter(Boolean)
    .join("\n\n");
  const outcome: RunOutcome = { status: "failed", answer, reason, unproven: false };
  return finish(run, hasUnjoined(stateOf(run)) ? outcome : await withLanding(run, outcome));
}

function progressText(run: Run): string {
  const plan = stateOf(run).run?.plan ?? [];
  return plan
    .filter((step) => step.status === "done")
    .map((step) => outcomeOf(stateOf(run), step))
    .filter(Boolean)
    .join("\n\n");
}

type Answer = { kind: "answer"; text: string } | { kind: "parked"; reason: string };

/** One step speaks for itself; of several, the coordinator makes one answer. */
async function synthesis(run: Run): Promise<Answer> {
  const state = stateOf(run);
  const present = state.run!;
  const [only, ...more] = present.plan!.filter((step) => step.status === "done");
  const summary = only?.taskId && state.tasks[only.taskId]?.output?.summary;
  if (more.length === 0 && summary) return { kind: "answer", text: summary };
  const known = taskOf(run, present.rootTask).output;
  if (known && known.status === "done") return { kind: "answer", text: known.summary };
  const { level } = state.config;
  const agent = taskOf(run, present.rootTask).assignedAgent ?? "coordinator";
  const result = await run.ports.peers.send(
    { sessionId: state.id, taskId: present.rootTask, agent, goal: present.prompt, level },
    run.signal,
  );
  if (result.status === "blocked") return { kind: "parked", reason: result.summary };
  return { kind: "answer", text: result.status === "done" ? result.summary : `${result.summary}\n\n${progressText(run)}` };
}

async function withLanding(run: Run, outcome: RunOutcome): Promise<RunOutcome> {
  const { end, concerns, obstacle } = await landResult(run, outcome.status === "done");
  if (end === "pending" && outcome.status === "done")
    return {
      ...outcome,
      status: "waiting",
      reason: concerns.length > 0 ? `the changes wait for your word: ${concerns.join("; ")}` : "the changes wait to be applied",
    };
  if (end === "conflict")
    return { ...outcome, status: "waiting", reason: obstacle ?? "your files changed in the same places; nothing was written" };
  const { landing } = stateOf(run);
  if (end === "applied" && landing?.unproven) return { ...outcome, unproven: true, reason: whyUnproven(landing.parts) };
  const doubt = outcome.status === "done" && end !== "nothing" ? doubtOf(stateOf(run), requiredOf(run, await ownChecks(run))) : undefined;
  return doubt === undefined ? outcome : { ...outcome, reason: doubt };
}

/** The run's last events, in one piece. */
async function finish(run: Run, ended: RunOutcome): Promise<RunOutcome> {
  const overspent = overspending(run);
  const outcome: RunOutcome = overspent && ended.reason === undefined ? { ...ended, reason: overspent } : ended;
  const state = stateOf(run);
  const rootTask = state.run!.rootTask;
  const root = taskOf(run, rootTask);
  const drafts: EventDraft[] = overspent
    ? [{ type: "error", actor: "orchestrator", taskId: rootTask, payload: { code: "over_budget", message: overspent } }]
    : [];
  if (outcome.status === "done" || outcome.status === "cancelled") {
    const output = { status: outcome.status, summary: outcome.answer };
    if (root.status !== outcome.status && root.status !== "done")
      drafts.push({ type: "task.updated", actor: "orchestrator", taskId: rootTask, payload: { status: outcome.status, output } });
  } else
    drafts.push({
      type: "task.updated",
      actor: "orchestrator",
      taskId: rootTask,
      payload: { status: "blocked", reason: outcome.reason ?? outcome.status },
    });
  if (outcome.status !== "done" && outcome.status !== "waiting" && hasUnjoined(state))
    drafts.push({ type: "landing.reopened", actor: "orchestrator", payload: {} });
  drafts.push(
    { type: "run.ended", actor: "orchestrator", payload: outcome },
    { type: "session.ended", actor: "orchestrator", payload: { status: outcome.status } },
  );
  run.log.append(...drafts);
  await run.log.durable();
  await run.log.saveSnapshot();
  // Nothing of a run that is done lives in its folders any more.
  if (outcome.status === "done") await run.ports.workspace.dispose(state.id, state.workspace).catch(() => undefined);
  return outcome;
}

/** An answer in flight may cost more than was left; that is said, never passed over. */
function overspending(run: Run): string | undefined {
  const state = stateOf(run);
  const root = state.tasks[state.run!.rootTask];
  if (!root) return undefined;
  const spent = spentBy(state, root);
  const { usd, tokens } = state.config.budget;
  if (spent.usd > usd)
    return `it cost $${spent.usd.toFixed(2)}, more than the limit of $${usd.toFixed(2)}: a model answered at greater length than it was allowed`;
  return spent.tokens > tokens ? `it took ${spent.tokens} tokens, more than the limit of ${tokens}` : undefined;
}

// Runs a session and shows it: a live tree on a terminal, plain lines elsewhere, events with --json. Ctrl-C cancels the
// whole tree and waits until that is on record. Ends with the answer and what the user can do next.

import type { Commands, RunOutcome } from "../protocol/commands.ts";
import { reduce } from "../protocol/reduce.ts";
import { pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import { cost, counted, duration, tokens, visible } from "./format.ts";
import { createPrompter } from "./prompter.ts";
import { createLiveTree } from "./render/liveTree.ts";
import { createPlainLines } from "./render/plainLines.ts";
import { CommandError, exit } from "./usage.ts";
import type { View } from "./view.ts";

export type Watch = { json: boolean; attended: boolean };

const exitByStatus: Record<RunOutcome["status"], number> = {
  done: exit.done,
  failed: exit.failed,
  waiting: exit.waiting,
  cancelled: exit.cancelled,
};

export async function watchRun(runtime: Runtime, io: Io, command: Commands["session.run"], watch: Watch): Promise<number> {
  const { engine } = runtime;
  const view = viewFor(io, watch);
  const prompter = watch.attended ? createPrompter(runtime, io, view) : undefined;
  let state = await engine.state(command.sessionId);
  const began = performance.now();
  if (state) prompter?.pending(state);
  const unfollow = await engine.follow(command.sessionId, state?.seq ?? 0, (event) => {
    state = reduce(state, event);
    view.event(event, state);
    prompter?.event(event, state);
  });
  const stop = cancelOnInterrupt(runtime, io, command.sessionId);
  try {
    const outcome = await engine.dispatch({ type: "session.run", ...command });
    view.end();
    if (!outcome.ok) throw new CommandError(outcome.error.message, outcome.error.code === "nothing_to_do" ? exit.usage : exit.failed);
    if (!watch.json && state) conclusion(io, state, outcome.value, performance.now() - began);
    return exitByStatus[outcome.value.status];
  } finally {
    stop();
    unfollow();
    prompter?.close();
    view.end();
  }
}

function viewFor(io: Io, { json }: Watch): View {
  if (json) return { event: (event) => io.out(JSON.stringify(event)), pause: none, resume: none, end: none };
  return io.stdout.isTTY ? createLiveTree(io.stdout) : createPlainLines((line) => io.out(line));
}

const none = (): void => undefined;

/** The first Ctrl-C cancels and records; a second one leaves at once (the record stays whole either way). */
function cancelOnInterrupt({ engine }: Runtime, io: Io, sessionId: string): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) process.exit(exit.cancelled);
    asked = true;
    io.err("ao: cancelling… (again to leave at once)");
    void engine.dispatch({ type: "session.cancel", sessionId, reason: "cancelled by the user" });
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return () => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
}

function conclusion(io: Io, state: SessionState, outcome: RunOutcome, ms: number): void {
  const halfway = outcome.status === "waiting" && state.landing === undefined;
  if (outcome.answer && !halfway) io.out(`\n${visible(outcome.answer)}`);
  const figures = `${tokens(state.usage)}, ${cost(state.costUsd, state.costUnknown)}, ${state.turns} turns, ${duration(ms)}`;
  io.out(`\nSession ${state.id}: ${outcome.status} (${figures})`);
  for (const line of nextSteps(state, outcome)) io.out(line);
}

/** What a person can do now, as commands to copy. */
function nextSteps(state: SessionState, outcome: RunOutcome): string[] {
  const { id, landing } = state;
  const lines: string[] = [];
  if (outcome.reason) lines.push(`Reason: ${visible(outcome.reason)}`);
  if (outcome.unproven)
    lines.push("Unproven: a step says that it tested, but no passing run of the checks belongs to the files as they are now.");
  for (const approval of pendingApprovals(state))
    if (approval.kind === "call") lines.push(`Waiting for you: ao approve ${approval.approvalId} && ao resume ${id}`);
  for (const interrupt of pendingInterrupts(state))
    lines.push(`An agent asks: ${visible(interrupt.text)}\n  ao answer ${interrupt.interruptId} "…" && ao resume ${id}`);
  if (landing?.decision === "applied") lines.push(`Applied to ${state.workspace}: ${landing.files.map((file) => file.path).join(", ")}`);
  else if (landing && landing.decision !== "discarded")
    lines.push(`Changes to ${counted(landing.files.length, "file")} are ready: ao changes ${id} · ao apply ${id} · ao discard ${id}`);
  else if (outcome.status === "failed" || outcome.status === "cancelled") lines.push(`Nothing is lost; go on with: ao resume ${id}`);
  lines.push(`Record: ao trace ${id}`);
  return lines;
}

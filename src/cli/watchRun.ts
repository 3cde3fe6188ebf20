// Runs a session and shows it: a live tree on a terminal, plain lines elsewhere, events with --json. Ctrl-C cancels the
// whole tree and waits until that is on record. Ends with a summary and the exit code that belongs to it.

import type { Commands, FollowUp } from "../protocol/commands.ts";
import { isKnown, ranUnsandboxed } from "../protocol/events.ts";
import { reduce } from "../protocol/reduce.ts";
import { withoutStop } from "../protocol/result.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import { createPrompter } from "./prompter.ts";
import { createLiveTree } from "./render/liveTree.ts";
import { createPlainLines } from "./render/plainLines.ts";
import { counted, oneLine } from "./format.ts";
import { reasonOf, summaryLines } from "./render/summary.ts";
import { CommandError, exit, exitByStatus, refusal } from "./usage.ts";
import type { View } from "./view.ts";

export type Watch = {
  json: boolean;
  attended: boolean;
  /** Of a new session, also what was recorded before its run. */
  fromStart?: boolean;
};

export async function watchRun(runtime: Runtime, io: Io, command: Commands["session.run"] | FollowUp, watch: Watch): Promise<number> {
  const { engine } = runtime;
  const view = viewFor(io, watch);
  const prompter = watch.attended ? createPrompter(runtime, io, view) : undefined;
  let state = watch.fromStart ? undefined : await engine.state(command.sessionId);
  const began = performance.now();
  let unsandboxed = 0;
  if (state) prompter?.pending(state);
  const unfollow = await engine.follow(command.sessionId, state?.seq ?? 0, (event) => {
    state = reduce(state, event);
    if (isKnown(event) && event.type === "call.ended" && ranUnsandboxed(event.payload.result)) unsandboxed += 1;
    view.event(event, state);
    prompter?.event(event, state);
  });
  const stop = cancelOnInterrupt(runtime, io, command.sessionId);
  try {
    const outcome = await engine.dispatch("type" in command ? command : { type: "session.run", ...command });
    view.end();
    if (!outcome.ok) throw outcome.error.code === "nothing_to_do" ? new CommandError(outcome.error.message) : refusal(outcome.error);
    if (!watch.json && state) for (const line of summaryLines(state, outcome.value, performance.now() - began)) io.out(line);
    if (unsandboxed > 0) io.err(`ao: ${counted(unsandboxed, "command")} ran unsandboxed; see: ao doctor`);
    if (outcome.value.status === "failed" && state) {
      // The summary has it whole already.
      const why = watch.json ? withoutStop(oneLine(reasonOf(state, outcome.value) ?? "failed", 300)) : `session ${state.id} failed`;
      io.err(`ao: ${why}; go on with: ao resume ${state.id}`);
    }
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
  const movable = io.stdout.isTTY && io.env["TERM"] !== "dumb";
  return movable ? createLiveTree(io.stdout, io.colour) : createPlainLines((line) => io.out(line));
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

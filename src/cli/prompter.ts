// Questions at a terminal while a run goes on: approvals and agents' questions, one after the other, each shown exactly
// as it will be executed. Enter alone never approves.

import { createInterface } from "node:readline/promises";
import type { TraceEvent } from "../protocol/events.ts";
import { isKnown } from "../protocol/events.ts";
import { type ApprovalState, type InterruptState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import { paint, visible } from "./format.ts";
import type { View } from "./view.ts";

export type Prompter = {
  event(event: TraceEvent, state: SessionState): void;
  /** Questions of an earlier run that still wait. */
  pending(state: SessionState): void;
  close(): void;
};

export function createPrompter(runtime: Runtime, io: Io, view: View): Prompter {
  const reader = createInterface({ input: io.stdin, output: io.stdout });
  reader.on("SIGINT", () => process.emit("SIGINT"));
  const closing = new AbortController();
  let queue: Promise<unknown> = Promise.resolve();

  const ask = (work: () => Promise<unknown>): void => {
    queue = queue.then(async () => {
      if (closing.signal.aborted) return;
      view.pause();
      await work().catch((error: unknown) => void (closing.signal.aborted || io.err(String(error))));
      view.resume();
    });
  };
  const question = (words: string): Promise<string> => reader.question(words, { signal: closing.signal }).then((line) => line.trim());

  const approval = (state: SessionState, one: ApprovalState): void => ask(() => askApproval(runtime, io, state.id, one, question));
  const interrupt = (state: SessionState, one: InterruptState): void => ask(() => askQuestion(runtime, io, state.id, one, question));

  return {
    event(event, state) {
      if (!isKnown(event)) return;
      if (event.type === "approval.requested") approval(state, event.payload);
      if (event.type === "interrupt.raised" && event.payload.kind !== "progress_report") interrupt(state, event.payload);
    },
    pending(state) {
      for (const one of pendingApprovals(state)) approval(state, one);
      for (const one of pendingInterrupts(state)) interrupt(state, one);
    },
    close() {
      closing.abort();
      reader.close();
    },
  };
}

type Ask = (words: string) => Promise<string>;

async function askApproval({ engine }: Runtime, io: Io, sessionId: string, approval: ApprovalState, ask: Ask): Promise<void> {
  const landing = approval.kind === "landing";
  io.out("");
  io.out(paint("yellow", landing ? "Apply the changes to your files?" : `Approval: ${approval.tool} (risk ${approval.risk})`, true));
  for (const line of exactAction(approval)) io.out(`  ${line}`);
  io.out(paint("dim", `  because it ${approval.reasons.join("; ")}`, true));
  const choices = landing ? "[y]es, [l]ater, [d]iscard: " : "[y]es, [s] yes for this session, [n]o, [l]ater: ";
  for (;;) {
    const answer = (await ask(choices)).toLowerCase();
    const { approvalId } = approval;
    if (answer === "l") return void (await engine.dispatch({ type: "question.defer", sessionId, id: approvalId }));
    const yes = answer === "y" || answer === "yes" || (!landing && answer === "s");
    const no = landing ? answer === "d" : answer === "n" || answer === "no";
    if (!yes && !no) continue;
    const reason = no && !landing ? await ask("A word for the agent (or Enter): ") : "";
    const scope = answer === "s" ? ("session" as const) : ("once" as const);
    const word = reason === "" ? {} : { reason };
    return void (await engine.dispatch({
      type: "approval.resolve",
      sessionId,
      approvalId,
      decision: yes ? "approve" : "deny",
      scope,
      by: "user",
      ...word,
    }));
  }
}

/** Nothing of the action is left out or hidden; long contents are shown whole. */
function exactAction({ arguments: args, cwd }: ApprovalState): string[] {
  const shown = typeof args === "object" && args !== null ? Object.entries(args) : [["arguments", args] as const];
  const lines = shown.flatMap(([key, value]) =>
    visible(`${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`).split("\n"),
  );
  return [...lines, `in: ${visible(cwd)}`];
}

async function askQuestion({ engine }: Runtime, io: Io, sessionId: string, interrupt: InterruptState, ask: Ask): Promise<void> {
  io.out("");
  io.out(paint("cyan", `Question: ${visible(interrupt.text)}`, true));
  for (const [i, choice] of (interrupt.choices ?? []).entries()) io.out(`  ${i + 1}. ${visible(choice)}`);
  const answer = await ask("Your answer (Enter: later): ");
  const { interruptId } = interrupt;
  if (answer === "") return void (await engine.dispatch({ type: "question.defer", sessionId, id: interruptId }));
  const chosen = interrupt.choices?.[Number(answer) - 1] ?? answer;
  await engine.dispatch({ type: "interrupt.resolve", sessionId, interruptId, action: "respond", text: chosen });
}

// Questions at a terminal while a run goes on: approvals and agents' questions, one after the other, each shown exactly
// as it will be executed. Enter alone never approves; the end of the input (Ctrl-D) puts off this and all that follow.

import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeUtf8 } from "../core/context.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { isKnown } from "../protocol/events.ts";
import type { ApprovalId, InterruptId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import { type ApprovalState, type InterruptState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import { counted, exact, paint } from "./format.ts";
import { actionLines, approvalTitle, fileLines, patchLines, sessionScope } from "./render/question.ts";
import type { View } from "./view.ts";

export type Prompter = {
  event(event: TraceEvent, state: SessionState): void;
  /** Questions of an earlier run that still wait. */
  pending(state: SessionState): void;
  close(): void;
};

type QuestionId = ApprovalId | InterruptId;

/** What a question needs: where it is shown, and how it is answered. */
type Desk = {
  runtime: Runtime;
  io: Io;
  /** One line that the person types; rejects when the question is over (answered elsewhere, no more input, the run's end). */
  ask: (words: string) => Promise<string>;
  /** Not now: the run ends without this answer and can be resumed after it. */
  later: (sessionId: string, id: QuestionId) => void;
};

export function createPrompter(runtime: Runtime, io: Io, view: View): Prompter {
  const reader = createInterface({ input: io.stdin, output: io.stdout });
  const closing = new AbortController();
  const settled = new Set<QuestionId>();
  let present: { id: QuestionId; over: AbortController } | undefined;
  let ended = false;
  let queue: Promise<unknown> = Promise.resolve();

  const desk: Desk = {
    runtime,
    io,
    ask: async (words) => {
      const line = await reader.question(words, { signal: AbortSignal.any([closing.signal, present!.over.signal]) });
      return line.trim();
    },
    later: (sessionId, id) => void putOff(runtime, sessionId, id, closing.signal),
  };
  const inTurn = (sessionId: string, id: QuestionId, work: () => Promise<void>): void => {
    queue = queue.then(async () => {
      if (closing.signal.aborted || settled.has(id)) return;
      if (ended) return desk.later(sessionId, id);
      present = { id, over: new AbortController() };
      view.pause();
      await work().catch((error: unknown) => {
        if (ended) desk.later(sessionId, id);
        else if (settled.has(id)) io.out("(answered elsewhere)");
        else if (!closing.signal.aborted) io.err(`ao: ${messageOf(error)}`);
      });
      present = undefined;
      view.resume();
    });
  };
  const settle = (id: QuestionId): void => {
    settled.add(id);
    if (present?.id === id) present.over.abort();
  };
  reader.on("SIGINT", () => process.emit("SIGINT"));
  reader.on("close", () => {
    if (closing.signal.aborted) return;
    ended = true;
    if (!present) view.pause();
    io.out("\nNo more answers from here: questions are kept for later.");
    if (!present) view.resume();
    present?.over.abort();
  });

  const approval = (state: SessionState, one: ApprovalState): void =>
    inTurn(state.id, one.approvalId, () => (one.kind === "landing" ? askLanding(desk, state, one) : askApproval(desk, state, one)));
  const interrupt = (state: SessionState, one: InterruptState): void =>
    inTurn(state.id, one.interruptId, () => askQuestion(desk, state, one));
  return {
    event(event, state) {
      if (!isKnown(event)) return;
      if (event.type === "approval.requested") approval(state, state.approvals[event.payload.approvalId] ?? event.payload);
      if (event.type === "interrupt.raised" && event.payload.kind !== "progress_report")
        interrupt(state, state.interrupts[event.payload.interruptId] ?? event.payload);
      if (event.type === "approval.resolved") settle(event.payload.approvalId);
      if (event.type === "interrupt.resolved") settle(event.payload.interruptId);
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

/** The task may be about to wait, and not yet wait: it is told as soon as it does. */
async function putOff({ engine }: Runtime, sessionId: string, id: QuestionId, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await engine.dispatch({ type: "question.defer", sessionId, id });
    if (!answer.ok || answer.value.deferred) return;
    await sleep(50, undefined, { signal }).catch(() => undefined);
  }
}

async function askApproval(desk: Desk, state: SessionState, approval: ApprovalState): Promise<void> {
  const { io, ask } = desk;
  io.out("");
  io.out(paint("yellow", approvalTitle(state, approval), io.colour));
  for (const line of await actionLines(approval, io.colour)) io.out(`  ${line}`);
  io.out(paint("dim", `  because it ${exact(approval.reasons.join("; "))}`, io.colour));
  const choices = `[y]es, [s] ${sessionScope(approval)}, [n]o, [l]ater: `;
  for (;;) {
    const answer = (await ask(choices)).toLowerCase();
    if (isLater(answer)) return desk.later(state.id, approval.approvalId);
    if (answer === "y" || answer === "yes") return resolve(desk, state, approval, { decision: "approve", scope: "once" });
    if (answer === "s") return resolve(desk, state, approval, { decision: "approve", scope: "session" });
    if (answer !== "n" && answer !== "no") continue;
    const reason = await ask("A word for the agent (or Enter): ");
    return resolve(desk, state, approval, { decision: "deny", scope: "once", ...(reason === "" ? {} : { reason }) });
  }
}

async function askLanding(desk: Desk, state: SessionState, approval: ApprovalState): Promise<void> {
  const { io, ask, runtime } = desk;
  const { files = [], patch } = state.landing ?? {};
  io.out("");
  io.out(paint("yellow", `Apply the changes to ${counted(files.length, "file")} in ${exact(state.workspace)}?`, io.colour));
  for (const line of fileLines(files)) io.out(`  ${line}`);
  for (;;) {
    const answer = (await ask("[y]es, [v]iew, [l]ater, [d]iscard: ")).toLowerCase();
    if (isLater(answer)) return desk.later(state.id, approval.approvalId);
    if (answer === "y" || answer === "yes") return resolve(desk, state, approval, { decision: "approve", scope: "once" });
    if (answer === "d" || answer === "discard") return resolve(desk, state, approval, { decision: "deny", scope: "once" });
    if (answer !== "v" && answer !== "view") continue;
    const text = patch && (await runtime.store.getArtifact(patch.hash));
    for (const line of patchLines(text ? decodeUtf8(text) : "The patch is not in the record.", io.colour)) io.out(line);
  }
}

function isLater(answer: string): boolean {
  return answer === "l" || answer === "later";
}

type Decision = { decision: "approve" | "deny"; scope: "once" | "session"; reason?: string };

async function resolve({ runtime, io }: Desk, { id }: SessionState, { approvalId }: ApprovalState, decision: Decision): Promise<void> {
  const answered = await runtime.engine.dispatch({ type: "approval.resolve", sessionId: id, approvalId, by: "user", ...decision });
  if (!answered.ok) io.err(`ao: ${answered.error.message}`);
}

async function askQuestion(desk: Desk, state: SessionState, interrupt: InterruptState): Promise<void> {
  const { io, ask, runtime } = desk;
  const { interruptId, taskId } = interrupt;
  const who = (taskId && state.tasks[taskId]?.assignedAgent) ?? "An agent";
  io.out("");
  io.out(paint("cyan", `${exact(who)} asks: ${exact(interrupt.text)}`, io.colour));
  for (const [i, choice] of (interrupt.choices ?? []).entries()) io.out(`  ${i + 1}. ${exact(choice)}`);
  const answer = await ask("Your answer (Enter: later): ");
  if (answer === "") return desk.later(state.id, interruptId);
  const text = interrupt.choices?.[Number(answer) - 1] ?? answer;
  const answered = await runtime.engine.dispatch({
    type: "interrupt.resolve",
    sessionId: state.id,
    interruptId,
    action: "respond",
    text,
  });
  if (!answered.ok) io.err(`ao: ${answered.error.message}`);
}

// Questions at a terminal while a run goes on: approvals and agents' questions, each shown exactly as it will be executed.
// Enter alone never approves. When each is asked is questionQueue.ts.

import { decodeUtf8 } from "../core/context.ts";
import type { ApprovalScope } from "../protocol/events.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { isKnown } from "../protocol/events.ts";
import { type ApprovalState, type InterruptState, pendingApprovals, pendingInterrupts, type SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import { counted, exact, paint } from "./format.ts";
import { createQuestionQueue, type QuestionQueue } from "./questionQueue.ts";
import { actionLines, approvalTitle, fileLines, patchLines, sessionScope } from "./render/question.ts";
import type { View } from "./view.ts";

export type Prompter = {
  event(event: TraceEvent, state: SessionState): void;
  /** Questions of an earlier run that still wait. */
  pending(state: SessionState): void;
  close(): void;
};

type Desk = Pick<QuestionQueue, "ask" | "later"> & { runtime: Runtime; io: Io };

export function createPrompter(runtime: Runtime, io: Io, view: View): Prompter {
  const { inTurn, settle, close, ...answering } = createQuestionQueue(runtime, io, view);
  const desk: Desk = { runtime, io, ...answering };
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
    close,
  };
}

async function askApproval(desk: Desk, state: SessionState, approval: ApprovalState): Promise<void> {
  const { io, ask } = desk;
  io.out("");
  io.out(paint("yellow", approvalTitle(state, approval), io.colour));
  for (const line of await actionLines(approval, io.colour)) io.out(`  ${line}`);
  io.out(paint("dim", `  because it ${exact(approval.reasons.join("; "))}`, io.colour));
  const { workspace, like, always } = approval.covers ?? {};
  if (workspace !== undefined) io.out(paint("dim", `  w allows ${exact(workspace)}`, io.colour));
  if (like !== undefined) io.out(paint("dim", `  k allows ${exact(like)}`, io.colour));
  if (always !== undefined) io.out(paint("dim", `  a allows ${exact(always)}`, io.colour));
  const further = workspace === undefined ? "" : `[w] this project, ${like === undefined ? "" : "[k] its like, "}[a]lways, `;
  const choices = `[y]es, [s] ${sessionScope(approval)}, ${further}[n]o, [l]ater: `;
  for (;;) {
    const answer = (await ask(choices)).toLowerCase();
    if (isLater(answer)) return desk.later(state.id, approval.approvalId);
    if (answer === "y" || answer === "yes") return resolve(desk, state, approval, { decision: "approve", scope: "once" });
    if (answer === "s") return resolve(desk, state, approval, { decision: "approve", scope: "session" });
    if (further && answer === "w") return resolve(desk, state, approval, { decision: "approve", scope: "workspace" });
    if (like !== undefined && answer === "k") return resolve(desk, state, approval, { decision: "approve", scope: "like" });
    if (further && answer === "a") return resolve(desk, state, approval, { decision: "approve", scope: "always" });
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

type Decision = { decision: "approve" | "deny"; scope: ApprovalScope; reason?: string };

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

// A call that waits for the end of a run: what it tells meanwhile, and the questions of agents that come between. A person
// answers them through the client where it can ask one.

import type { ApprovalId, InterruptId, SessionId } from "../../protocol/ids.ts";
import { isTerminal } from "../../protocol/state.ts";
import { pendingOf } from "./answers.ts";
import { type Asked, isRunning, mayAnswer, Question, Refusal, type Scene, stateOf } from "./host.ts";

type Pending = ReturnType<typeof pendingOf>[number];

const lookAgainMs = 500;

/** Until the run's end, a question, the time, or a cancel. */
export async function ended(scene: Scene, id: SessionId, seconds: number, asked: Asked): Promise<void> {
  const { signal } = asked;
  const latest = performance.now() + seconds * 1000;
  let told = "";
  while (!signal.aborted && performance.now() < latest && (await isRunning(scene, id))) {
    const state = await stateOf(scene, id);
    if (state && pendingOf(state).length > 0) return;
    const plan = state?.run?.plan ?? [];
    const words = plan.length === 0 ? "at work" : `${plan.filter((step) => isTerminal(step.status)).length} of ${plan.length} steps done`;
    if (words !== told) asked.tell((told = words));
    const soon = new Promise((next) => setTimeout(next, lookAgainMs));
    const going = scene.runs.going.get(id);
    await (going ? Promise.race([going, soon]) : soon);
  }
}

export async function stillRunning(scene: Scene, id: SessionId, pending: Pending | undefined, { answers }: Asked): Promise<Refusal> {
  if (!pending) return new Refusal(`Session ${id} is running; ask again later.`);
  const message = `Session ${id} is running and waits for an answer to ${pending.kind} ${pending.id}: ${pending.summary}`;
  // Whoever turned away from it is not asked again by the same call.
  if (answers.get(pending.id)?.action === "cancel") return new Refusal(message);
  if (!(await mayAnswer(scene, id))) return new Refusal(`${message}\n${personOnly(id)}`);
  const choices = pending.kind === "approval" ? ["approve", "deny"] : pending.choices;
  return new Question(message, { id: pending.id, words: pending.summary, choices });
}

export function personOnly(id: SessionId): string {
  return `Session ${id} was begun by a person, who alone answers what it asks: in the editor, or with ao approvals and ao interrupts.`;
}

/** Only what waits in this session is answered this way. */
export async function takeAnswers(scene: Scene, id: SessionId, { answers, by }: Asked): Promise<void> {
  const { engine } = scene;
  if (answers.size === 0) return;
  if (!(await mayAnswer(scene, id))) throw new Refusal(personOnly(id));
  const state = await stateOf(scene, id);
  for (const pending of state ? pendingOf(state) : []) {
    const answer = answers.get(pending.id);
    if (!answer || answer.action === "cancel") continue;
    const text = answer.action === "accept" ? answer.text : "";
    const command =
      pending.kind === "approval"
        ? ({
            type: "approval.resolve",
            sessionId: id,
            approvalId: pending.id as ApprovalId,
            decision: text === "approve" ? "approve" : "deny",
            by,
          } as const)
        : ({
            type: "interrupt.resolve",
            sessionId: id,
            interruptId: pending.id as InterruptId,
            action: answer.action === "accept" ? "respond" : "cancel",
            text,
          } as const);
    const done = await engine.dispatch(command);
    if (!done.ok) throw new Refusal(done.error.message);
  }
}

// A person's answers: to an approval, a question, the proposed changes. A session that ended because it waited for them
// goes on by itself once nothing is open any more.

import type { ApprovalState, InterruptState } from "../../src/protocol/state.ts";
import { pendingApprovals, pendingInterrupts } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";

const person = "user";

export async function answerApproval(
  store: PanelStore,
  { approvalId }: ApprovalState,
  decision: "approve" | "deny",
  scope: NonNullable<ApprovalState["resolution"]>["scope"] = "once",
): Promise<void> {
  const { session } = store;
  if (!session) return;
  const reason = store.texts.get(approvalId)?.trim();
  const why = decision === "deny" && reason ? { reason } : {};
  const done = await store.command({ type: "approval.resolve", sessionId: session.id, approvalId, decision, scope, by: person, ...why });
  if (!done) return;
  store.texts.delete(approvalId);
  await goOn(store, approvalId);
}

export async function answerQuestion(
  store: PanelStore,
  question: InterruptState,
  action: "respond" | "modify" | "cancel",
  text: string,
): Promise<void> {
  const { session } = store;
  if (!session) return;
  const { interruptId } = question;
  if (!(await store.command({ type: "interrupt.resolve", sessionId: session.id, interruptId, action, text }))) return;
  store.texts.delete(interruptId);
  await goOn(store, interruptId);
}

/** While the run waits for it, the answer goes to the run; afterwards the changes are taken or dropped directly. */
export async function answerChanges(store: PanelStore, keep: boolean): Promise<void> {
  const { session } = store;
  const landing = session?.state?.landing;
  if (!session?.state || !landing) return;
  const approval = session.state.approvals[landing.approvalId];
  if (session.running && approval && !approval.resolution) {
    await answerApproval(store, approval, keep ? "approve" : "deny");
    return;
  }
  await store.command({ type: keep ? "changes.apply" : "changes.discard", sessionId: session.id, by: person });
}

/** True while the changes are the person's to decide about. */
export function changesOpen(store: PanelStore): boolean {
  const decision = store.session?.state?.landing?.decision;
  return store.session?.state?.landing !== undefined && decision !== "applied" && decision !== "discarded";
}

async function goOn(store: PanelStore, answered: string): Promise<void> {
  const { session } = store;
  const state = session?.state;
  if (!session || !state || session.running || state.status !== "waiting") return;
  const open = [
    ...pendingApprovals(state)
      .filter(({ kind }) => kind === "call")
      .map(({ approvalId }): string => approvalId),
    ...pendingInterrupts(state).map(({ interruptId }): string => interruptId),
  ];
  if (open.some((id) => id !== answered)) return;
  await store.ask("resume", { sessionId: session.id });
}

// All that waits for the person in one list, then what was answered.

import { html, type TemplateResult } from "lit";
import { pendingApprovals, pendingInterrupts } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import { plural } from "../ui/words.ts";
import { approvalCard } from "./approvalCard.ts";
import { questionCard } from "./questionCard.ts";

const mostPending = 12;
const mostAnswered = 30;

export function renderApprovals(store: PanelStore): TemplateResult {
  const state = store.session?.state;
  if (!state) return html`<div class="quiet">No session is open. What the team asks you appears here.</div>`;
  const approvals = pendingApprovals(state);
  const questions = pendingInterrupts(state);
  const answered = Object.values(state.approvals)
    .filter(({ resolution }) => resolution)
    .reverse();
  const count = approvals.length + questions.length;
  return html`<div class="scroll pad">
    <h2>${count > 0 ? `${plural(count, "decision")} waiting` : "Nothing waits for you"}</h2>
    ${questions.map((question) => questionCard(store, question))}
    ${approvals.slice(0, mostPending).map((approval) => approvalCard(store, approval))}
    ${approvals.length > mostPending ? html`<div class="dim">and ${approvals.length - mostPending} more after these</div>` : ""}
    ${answered.length > 0 ? html`<h2>Answered</h2>` : ""}
    ${answered.slice(0, mostAnswered).map((approval) => approvalCard(store, approval))}
    ${answered.length > mostAnswered ? html`<div class="dim">${answered.length - mostAnswered} older answers are in the trace.</div>` : ""}
  </div>`;
}

// One approval: the exact action that will run if it is approved, where, how risky and why it is asked, and the answers.
// Nothing of the action is left out of sight without saying so, and what would deceive the eye is made visible.

import { html, type TemplateResult } from "lit";
import type { ApprovalState } from "../../src/protocol/state.ts";
import { answerApproval, answerChanges } from "../model/answer.ts";
import { openFiles } from "../model/parts.ts";
import type { PanelStore } from "../state.ts";
import { blocksOfEdit, blocksOfNew, blocksOfPatch, type DiffBlock, manyLines, showDiff } from "../ui/diffText.ts";
import { icon } from "../ui/icons.ts";
import { lineCounts } from "../ui/lineCounts.ts";
import { isDeceptive, reveal } from "../ui/reveal.ts";
import { plural, sayCall } from "../ui/words.ts";
import { fileAnswer, fileName } from "./fileChange.ts";
import { nameIn } from "./who.ts";

const mostFiles = 30;

export function approvalCard(store: PanelStore, approval: ApprovalState): TemplateResult {
  if (approval.resolution) return answered(approval, approval.resolution);
  const { tool, arguments: args, risk, reasons, rule, approvalId, kind } = approval;
  const said = sayCall(tool, args);
  const task = approval.taskId && store.session?.state?.tasks[approval.taskId];
  const label = `Approval: ${said.verb} ${said.about}`;
  return html`<section
    class="card approval"
    data-testid="approval"
    data-approval=${approvalId}
    role="group"
    aria-label=${label}
    tabindex="0"
    @keydown=${(event: KeyboardEvent) => onKey(store, approval, event)}
  >
    <div class="card-head">
      ${icon("approval", "warn")}<b>${said.verb}</b> <span class="about">${reveal(said.about)}</span
      ><span class="grow"></span>${riskBadge(risk)}
    </div>
    <div class="dim asked-by">
      ${task ? `${nameIn(store, task.assignedAgent ?? "")} · ` : ""}${reasons.join(" · ")}${rule ? ` · rule ${rule}` : ""}
    </div>
    ${
      isDeceptive(textsIn(args))
        ? html`<div class="line note-warning" role="alert">
            ${icon("warning")}<span class="line-text">This action contains hidden or deceptive characters; they are marked below.</span>
          </div>`
        : ""
    }
    ${kind === "landing" ? landing(store) : action(store, approval)}
    <div class="dim where">in <code>${reveal(approval.cwd)}</code></div>
    ${kind === "landing" ? landingAnswers(store) : answers(store, approval)}
  </section>`;
}

function riskBadge(risk: number): TemplateResult {
  const level = risk >= 60 ? "high" : risk >= 30 ? "medium" : "low";
  return html`<span class="risk risk-${level}" title="Risk ${risk} of 100">${level} risk ${risk}</span>`;
}

function answers(store: PanelStore, approval: ApprovalState): TemplateResult {
  const { approvalId } = approval;
  return html`<div class="actions">
      <vscode-button data-testid="approve" aria-label="Approve once" @click=${() => answer(store, approval, "approve")}
        >Approve once</vscode-button
      >
      <vscode-button appearance="secondary" data-testid="approve-session" @click=${() => answer(store, approval, "approve", "session")}
        >For this session</vscode-button
      >
    </div>
    <div class="actions deny">
      <vscode-button appearance="secondary" data-testid="deny" @click=${() => answer(store, approval, "deny")}>Deny</vscode-button>
      <input
        class="field grow"
        data-testid="deny-reason"
        placeholder="Reason, for the agent"
        aria-label="Reason for denying, goes to the agent"
        .value=${store.texts.get(approvalId) ?? ""}
        @input=${({ target }: Event) => store.texts.set(approvalId, (target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => event.key === "Enter" && answer(store, approval, "deny")}
      />
    </div>
    <div class="dim keys"><kbd>a</kbd> approve · <kbd>s</kbd> session · <kbd>d</kbd> deny</div>`;
}

/** "For this session" covers what the same rule asks; the engine decides, the card only says so. */
function answer(store: PanelStore, approval: ApprovalState, decision: "approve" | "deny", scope: "once" | "session" = "once"): void {
  void answerApproval(store, approval, decision, scope);
}

function onKey(store: PanelStore, approval: ApprovalState, event: KeyboardEvent): void {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isPlain || event.target !== event.currentTarget) return;
  const decided = { a: "approve", s: "session", d: "deny" }[event.key];
  if (!decided) return;
  event.preventDefault();
  if (approval.kind === "landing") {
    if (decided !== "session") void answerChanges(store, decided === "approve");
  } else answer(store, approval, decided === "deny" ? "deny" : "approve", decided === "session" ? "session" : "once");
  focusNext(event.currentTarget as HTMLElement);
}

function focusNext(card: HTMLElement): void {
  const cards = [...((card.getRootNode() as ShadowRoot).querySelectorAll<HTMLElement>(".approval") ?? [])];
  const next = cards.find((other) => other !== card);
  (next ?? card.closest<HTMLElement>("ao-list") ?? card).focus();
}

function action(store: PanelStore, { approvalId, tool, arguments: args }: ApprovalState): TemplateResult {
  const fields = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const diff = diffOf(tool, fields);
  if (diff) {
    const key = `whole:${approvalId}`;
    return showDiff(
      diff,
      `Change of ${typeof fields["path"] === "string" ? fields["path"] : "several files"}`,
      store.expanded.has(key),
      () => store.toggle(key),
    );
  }
  const command = fields["command"];
  if (tool === "shell__run" && typeof command === "string") {
    const { command: _shown, ...rest } = fields;
    return html`<pre class="command" tabindex="0" aria-label="Command">${reveal(command)}</pre>
      ${longNote(command)} ${Object.keys(rest).length > 0 ? html`<div class="dim">${reveal(JSON.stringify(rest))}</div>` : ""}`;
  }
  return html`<pre class="command" tabindex="0" aria-label="Arguments">${reveal(JSON.stringify(args, null, 2) ?? "")}</pre>
    ${longNote(JSON.stringify(args, null, 2) ?? "")}`;
}

function diffOf(tool: string, fields: Record<string, unknown>): DiffBlock[] | undefined {
  const { old, new: replacement, content, patch } = fields;
  if (tool === "filesystem__write_file" && typeof content === "string") return blocksOfNew(content);
  if (tool !== "filesystem__edit_file") return undefined;
  if (typeof patch === "string") return blocksOfPatch(patch);
  return typeof old === "string" && typeof replacement === "string" ? blocksOfEdit(old, replacement) : undefined;
}

function longNote(text: string): TemplateResult | string {
  const lines = text.split("\n").length;
  return lines > manyLines ? html`<div class="dim small">${lines} lines: scroll to read them all</div>` : "";
}

/** The strings of the arguments as they are, without JSON's escapes. */
function textsIn(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? Object.values(value).map(textsIn).join("\n") : "";
}

function landing(store: PanelStore): TemplateResult | string {
  const proposed = store.session?.state?.landing;
  if (!proposed) return "";
  const { files } = proposed;
  return html`<ul class="landing-files">
      ${files
        .slice(0, mostFiles)
        .map((file) => html`<li>${fileName(file)}${lineCounts(file.added, file.removed)}${fileAnswer(store, proposed, file)}</li>`)}
    </ul>
    ${files.length > mostFiles ? html`<div class="dim">and ${files.length - mostFiles} more: see Changes</div>` : ""}`;
}

function landingAnswers(store: PanelStore): TemplateResult {
  const proposed = store.session?.state?.landing;
  const files = proposed ? openFiles(proposed).length : 0;
  return html`<div class="actions">
      <vscode-button data-testid="approve" @click=${() => void answerChanges(store, true)}>Keep ${plural(files, "file")}</vscode-button>
      <vscode-button appearance="secondary" @click=${() => store.show("changes")}>Look at the changes</vscode-button>
      <vscode-button appearance="secondary" data-testid="deny" @click=${() => void answerChanges(store, false)}>Undo all</vscode-button>
    </div>
    <div class="dim keys"><kbd>a</kbd> keep · <kbd>d</kbd> undo</div>`;
}

function answered(
  { tool, arguments: args, kind }: ApprovalState,
  { decision, scope, by, reason }: NonNullable<ApprovalState["resolution"]>,
): TemplateResult {
  const said = sayCall(tool, args);
  const approved = decision === "approve";
  if (kind === "landing")
    return html`<div class="line answered" data-testid="answered">
      ${icon(approved ? "done" : "undo", approved ? "good" : "dim")}<span class="line-text"
        >Changes ${approved ? "kept" : "discarded"}</span
      >
    </div>`;
  const word = approved ? (scope === "session" ? "Approved for this session" : "Approved") : "Denied";
  return html`<div class="line answered" data-testid="answered">
    ${icon(approved ? "done" : "cancelled", approved ? "good" : "bad")}<span class="line-text"
      >${word}: ${said.verb} <code>${reveal(said.about.slice(0, 160))}</code
      ><span class="dim">${by === "user" ? "" : ` · by ${by}`}${reason ? ` · ${reason}` : ""}</span></span
    >
  </div>`;
}

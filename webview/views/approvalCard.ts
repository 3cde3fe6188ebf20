// One approval: the exact action that will run if it is approved, where, how risky and why it is asked, and the answers.
// Nothing of the action is left out of sight without saying so, and what would deceive the eye is made visible.

import { html, type TemplateResult } from "lit";
import type { ApprovalState } from "../../src/protocol/state.ts";
import { answerApproval, answerChanges } from "../model/answer.ts";
import { openFiles } from "../model/parts.ts";
import type { PanelStore } from "../state.ts";
import { blocksOfEdit, blocksOfNew, blocksOfPatch, type DiffBlock, manyLines, showDiff } from "../ui/diffText.ts";
import { icon, type IconName } from "../ui/icons.ts";
import { lineCounts } from "../ui/lineCounts.ts";
import type { MenuEntry } from "../ui/menu.ts";
import "../ui/menu.ts";
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
      ${task ? `${nameIn(store, task.assignedAgent ?? "")} · ` : ""}${reveal(reasons.join(" · "))}${rule ? ` · rule ${rule}` : ""}
    </div>
    ${
      isDeceptive(textsIn(args))
        ? html`<div class="line note-warning" role="alert">
            ${icon("warning")}<span class="line-text">This action contains hidden or deceptive characters; they are marked below.</span>
          </div>`
        : ""
    }
    ${kind === "landing" ? landing(store) : action(store, approval)} ${where(store, approval)}
    ${kind === "landing" ? landingAnswers(store) : answers(store, approval)}
  </section>`;
}

/** An agent's own folder has a name that tells a person nothing; it is there to look up. */
function where(store: PanelStore, { cwd }: ApprovalState): TemplateResult {
  const isOwn = Object.values(store.session?.state?.tasks ?? {}).some(({ root }) => root === cwd);
  if (isOwn) return html`<div class="dim where" title=${cwd}>in the agent's own copy of the project</div>`;
  return html`<div class="dim where">in <code>${reveal(cwd)}</code></div>`;
}

function riskBadge(risk: number): TemplateResult {
  const level = risk >= 60 ? "high" : risk >= 30 ? "medium" : "low";
  return html`<span class="risk risk-${level}" title="Risk ${risk} of 100">${level} risk ${risk}</span>`;
}

type Scope = NonNullable<ApprovalState["resolution"]>["scope"];

function answers(store: PanelStore, approval: ApprovalState): TemplateResult {
  const { approvalId } = approval;
  const key = `scopes:${approvalId}`;
  const isOpen = store.expanded.has(key);
  const toggle = (): void => store.toggle(key);
  const give = (event: Event, decision: "approve" | "deny"): void => answer(store, approval, decision, "once", cardOf(event));
  return html`<div class="actions">
      <vscode-button data-testid="approve" @click=${(event: Event) => give(event, "approve")}>Allow once</vscode-button>
      <vscode-button
        appearance="secondary"
        data-testid="approve-more"
        aria-label="More ways to allow"
        aria-haspopup="menu"
        aria-expanded=${isOpen}
        @click=${toggle}
        >Allow more…</vscode-button
      >
    </div>
    ${isOpen ? html`<ao-menu label="More ways to allow" .entries=${scopes(store, approval)} @closed=${toggle}></ao-menu>` : ""}
    <div class="actions deny">
      <vscode-button appearance="secondary" data-testid="deny" @click=${(event: Event) => give(event, "deny")}>Deny</vscode-button>
      <input
        class="field grow"
        data-testid="deny-reason"
        placeholder="Reason, for the agent"
        aria-label="Reason for denying, goes to the agent"
        .value=${store.texts.get(approvalId) ?? ""}
        @input=${({ target }: Event) => store.texts.set(approvalId, (target as HTMLInputElement).value)}
        @keydown=${(event: KeyboardEvent) => event.key === "Enter" && give(event, "deny")}
      />
    </div>
    <div class="dim keys">
      <span><kbd>a</kbd> allow once</span> · <span><kbd>s</kbd> for this session</span> · <span><kbd>m</kbd> more</span> ·
      <span><kbd>d</kbd> deny</span>
    </div>`;
}

const scopeWords: Record<Scope, { label: string; said: string; icon: IconName }> = {
  once: { label: "Allow once", said: "Approved", icon: "done" },
  session: { label: "Allow for this session", said: "Approved for this session", icon: "sessions" },
  workspace: { label: "Allow in this workspace", said: "Approved in this workspace", icon: "file" },
  like: { label: "Allow commands like this", said: "Approved with commands like it", icon: "file" },
  always: { label: "Always allow", said: "Approved for always", icon: "approval" },
};

/** What the engine offers beyond this one call, each with what else it would allow in the engine's own words. */
function scopes(store: PanelStore, approval: ApprovalState): MenuEntry[] {
  const { covers } = approval;
  return (["session", "workspace", "like", "always"] as const)
    .filter((scope) => scope === "session" || covers?.[scope] !== undefined)
    .map((scope) => ({
      ...scopeWords[scope],
      ...(covers?.[scope] ? { hint: `Also allows ${covers[scope]}.` } : {}),
      testId: `approve-${scope}`,
      action: (opener) => answer(store, approval, "approve", scope, opener?.closest<HTMLElement>(".approval")),
    }));
}

function cardOf(event: Event): HTMLElement | null {
  return (event.currentTarget as HTMLElement).closest<HTMLElement>(".approval");
}

/** What is answered goes away: the next card takes the focus. */
function answer(store: PanelStore, approval: ApprovalState, decision: "approve" | "deny", scope: Scope, card?: HTMLElement | null): void {
  if (card) focusNext(card);
  void answerApproval(store, approval, decision, scope);
}

function onKey(store: PanelStore, approval: ApprovalState, event: KeyboardEvent): void {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isPlain || event.target !== event.currentTarget) return;
  const card = event.currentTarget as HTMLElement;
  const known = approval.kind === "landing" ? landingKeys : callKeys;
  const act = known[event.key];
  if (!act) return;
  event.preventDefault();
  act(store, approval, card);
}

type Keys = Record<string, (store: PanelStore, approval: ApprovalState, card: HTMLElement) => void>;

const callKeys: Keys = {
  a: (store, approval, card) => answer(store, approval, "approve", "once", card),
  s: (store, approval, card) => answer(store, approval, "approve", "session", card),
  d: (store, approval, card) => answer(store, approval, "deny", "once", card),
  m: (store, { approvalId }) => store.toggle(`scopes:${approvalId}`),
};

const landingKeys: Keys = {
  a: (store, _approval, card) => decideChanges(store, true, card),
  d: (store, _approval, card) => decideChanges(store, false, card),
};

function decideChanges(store: PanelStore, keep: boolean, card: HTMLElement): void {
  focusNext(card);
  void answerChanges(store, keep);
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
  const word = approved ? scopeWords[scope].said : "Denied";
  return html`<div class="line answered" data-testid="answered">
    ${icon(approved ? "done" : "cancelled", approved ? "good" : "bad")}<span class="line-text"
      >${word}: ${said.verb} <code>${reveal(said.about.slice(0, 160))}</code
      ><span class="dim">${by === "user" ? "" : ` · by ${by}`}${reason ? ` · ${reason}` : ""}</span></span
    >
  </div>`;
}

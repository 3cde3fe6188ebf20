// The whole panel: header, tabs, the view that is chosen, what is read aloud. One shadow root holds everything, so that the
// host's page styles do not reach in; the views are functions of the store.

import { html, LitElement, type TemplateResult } from "lit";
import type { PanelView } from "../../src/protocol/panel.ts";
import { totalTokens } from "../../src/protocol/state.ts";
import { applyCode, resume, stop } from "../model/send.ts";
import { changesOpen } from "../model/answer.ts";
import { openFiles } from "../model/parts.ts";
import { type PanelStore, statusOf, waitingCount } from "../state.ts";
import { icon, type IconName } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import { bannerStyles } from "../ui/styles/banners.ts";
import { baseStyles } from "../ui/styles/base.ts";
import { cardStyles } from "../ui/styles/cards.ts";
import { changeStyles } from "../ui/styles/changes.ts";
import { chatStyles } from "../ui/styles/chat.ts";
import { commentStyles } from "../ui/styles/comments.ts";
import { composerStyles } from "../ui/styles/composer.ts";
import { listStyles } from "../ui/styles/lists.ts";
import { sayCost, sayStatus, sayTokens } from "../ui/words.ts";
import type { CodeAction } from "../ui/markdown.ts";
import { renderAgents } from "./agents.ts";
import { renderApprovals } from "./approvals.ts";
import { renderChanges } from "./changes.ts";
import { renderChat } from "./chat.ts";
import { renderProblems } from "./problems.ts";
import { renderSessions } from "./sessions.ts";
import { renderTrace } from "./trace.ts";

const views: Record<
  PanelView,
  { label: string; icon: IconName; render: (store: PanelStore) => TemplateResult; count?: (store: PanelStore) => number }
> = {
  chat: { label: "Chat", icon: "chat", render: renderChat },
  agents: { label: "Agents", icon: "agents", render: renderAgents },
  approvals: { label: "Approvals", icon: "approval", render: renderApprovals, count: ({ session }) => waitingCount(session?.state) },
  trace: { label: "Trace", icon: "trace", render: renderTrace },
  changes: {
    label: "Changes",
    icon: "changes",
    render: renderChanges,
    count: (store) => (changesOpen(store) ? openFiles(store.session!.state!.landing!).length : 0),
  },
  sessions: { label: "Sessions", icon: "sessions", render: renderSessions },
};

const viewNames = Object.keys(views) as PanelView[];
const tick = 1_000;

class Panel extends LitElement {
  static override properties = { store: { attribute: false } };
  static override styles = [baseStyles, bannerStyles, listStyles, changeStyles, commentStyles, chatStyles, cardStyles, composerStyles];

  declare store: PanelStore;
  #end: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#end = this.store.onChange(() => this.requestUpdate());
    this.#timer = setInterval(() => this.store.session?.running && this.requestUpdate(), tick);
    this.addEventListener("code-action", (event) => void onCode(this.store, (event as CustomEvent<CodeAction>).detail));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#end?.();
    clearInterval(this.#timer);
  }

  override render(): TemplateResult {
    const { store } = this;
    const { view } = store.place;
    return html`<div class="panel">
      ${header(store)} ${trouble(store)} ${renderProblems(store)}
      <div class="tabs" role="tablist" aria-label="Views" @keydown=${(event: KeyboardEvent) => moveTab(store, event)}>
        ${viewNames.map((name) => tab(store, name))}
      </div>
      <main class="view view-${view}" role="tabpanel" id="view" aria-labelledby="tab-${view}">${views[view].render(store)}</main>
      ${notice(store)}
      <div class="aloud" role="status" aria-live="polite">${store.spoken.polite}</div>
      <div class="aloud" role="alert" aria-live="assertive">${store.spoken.urgent}</div>
    </div>`;
  }
}

customElements.define("ao-panel", Panel);

function header(store: PanelStore): TemplateResult {
  const { session, facts } = store;
  const state = session?.state;
  const status = statusOf(session);
  const said = status && sayStatus(status);
  const canResume =
    (status === "waiting" && !session?.running) || status === "failed" || status === "cancelled" || status === "interrupted";
  return html`<header class="head">
    <span class="head-name" title=${state?.goal ?? ""}>${state ? nameOf(state) : (facts?.product ?? "Agent Orchestrator")}</span>
    ${
      said
        ? html`<span class="pill pill-${status}" data-testid="status"
              >${icon(said.icon, said.icon === "running" ? "turning" : "")} ${said.word}</span
            >
            <span class="head-figures" title="Tokens and cost of this session"
              >${sayTokens(totalTokens(state!.usage))} tok · ${sayCost(state!.costUsd, state!.costUnknown)}</span
            >`
        : html`<span class="head-figures" data-testid="status">${facts ? "Ready" : "Connecting…"}</span>`
    }
    <span class="grow"></span>
    ${canResume ? iconButton("play", "Resume", () => void resume(store), "resume") : ""}
    ${session?.running ? iconButton("stop", "Stop the run", () => void stop(store), "stop-head") : ""}
    ${iconButton("add", "New session", () => store.newSession(), "new-session")}
  </header>`;
}

function nameOf({ name, goal, id }: { name: string; goal: string; id: string }): string {
  return name === id ? goal : name;
}

function tab(store: PanelStore, name: PanelView): TemplateResult {
  const { label, icon: look, count } = views[name];
  const chosen = store.place.view === name;
  const waiting = count?.(store) ?? 0;
  return html`<button
    class="tab"
    role="tab"
    id="tab-${name}"
    data-testid="tab-${name}"
    aria-selected=${chosen}
    aria-controls="view"
    aria-label=${waiting > 0 ? `${label}, ${waiting} waiting` : label}
    title=${label}
    tabindex=${chosen ? 0 : -1}
    @click=${() => store.show(name)}
  >
    ${icon(look)}<span class="tab-label">${label}</span>${waiting > 0 ? html`<span class="count">${waiting}</span>` : ""}
  </button>`;
}

function moveTab(store: PanelStore, event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -viewNames.length, End: viewNames.length }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const at = viewNames.indexOf(store.place.view);
  const next = Math.abs(step) > 1 ? (step < 0 ? 0 : viewNames.length - 1) : (at + step + viewNames.length) % viewNames.length;
  store.show(viewNames[next]!);
  const tabs = (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".tab");
  tabs[next]?.focus();
}

function trouble(store: PanelStore): TemplateResult | string {
  const { facts } = store;
  const found = facts?.trouble;
  if (!found) return facts?.trusted === false ? banner("This folder is not trusted: only reading is possible until you trust it.") : "";
  const action = { no_folder: "openFolder", no_key: "setKey", no_model: "pickModel" }[found.code] ?? "openSettings";
  return html`<div class="banner banner-trouble" role="alert" data-testid="trouble">
    ${icon("warning")}<span class="grow">${found.message}</span>
    ${
      found.action
        ? html`<vscode-button @click=${() => void store.ask("editor", { action: action as "openFolder", text: found.action!.command })}
            >${found.action.label}</vscode-button
          >`
        : ""
    }
  </div>`;
}

function banner(text: string): TemplateResult {
  return html`<div class="banner" role="note">${icon("info")}<span class="grow">${text}</span></div>`;
}

function notice(store: PanelStore): TemplateResult | string {
  if (!store.notice) return "";
  const { tone, text } = store.notice;
  return html`<div class="banner banner-${tone}" data-testid="notice">
    ${icon(tone === "error" ? "failed" : "info")}<span class="grow">${text}</span
    >${iconButton("close", "Dismiss", () => store.tell(undefined))}
  </div>`;
}

async function onCode(store: PanelStore, { action, text }: CodeAction): Promise<void> {
  if (action === "apply") return void (await applyCode(store, text));
  if (action === "copy" && !store.facts?.editor) await navigator.clipboard.writeText(text);
  else await store.ask("editor", { action, text });
  store.spoken.polite = action === "copy" ? "Copied." : "Inserted.";
  store.changed();
}

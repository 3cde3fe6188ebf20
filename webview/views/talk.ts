// What a person says to a team at work, as it is seen: whom the composer talks to, and the words in the conversation with
// who has heard them.

import { html, nothing, type TemplateResult } from "lit";
import type { TaskId } from "../../src/protocol/ids.ts";
import type { TaskState } from "../../src/protocol/state.ts";
import { answerChanges } from "../model/answer.ts";
import type { SaidItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import { sendPrompt } from "../model/send.ts";
import { heardBy, listeners, talkTo, waitsForLanding } from "../model/steer.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import { nameIn } from "./who.ts";

export function composerHint(store: PanelStore): string {
  if (!store.session) return "Describe a goal; @ for files, / for commands…";
  if (waitsForLanding(store)) return "Ask for more; the changes stay proposed";
  if (!store.session.running) return "Ask for more, or / for commands…";
  return store.talkTo ? `Say something to ${taskName(store, store.talkTo)}…` : "Say something to the team at work…";
}

export function listenerChip(store: PanelStore): TemplateResult | typeof nothing {
  const { talkTo: taskId, session } = store;
  if (!taskId || !session?.running) return nothing;
  const name = taskName(store, taskId);
  const isAtWork = listeners(store).some(({ id }) => id === taskId);
  return html`<div class="chips">
    <span class="chip" data-testid="talk-to"
      >${icon("agents")}<span class="line-text">to ${name}${isAtWork ? "" : " (not at work)"}</span
      >${iconButton("close", `Talk to the whole team instead of ${name}`, () => talkTo(store, undefined))}</span
    >
  </div>`;
}

export function listenerChoices(store: PanelStore, text: string): { id: TaskId; label: string; hint: string }[] {
  const wanted = text.toLowerCase();
  return listeners(store)
    .map(({ id, goal, assignedAgent = "" }) => ({
      id,
      agent: assignedAgent,
      label: nameIn(store, assignedAgent),
      hint: `at work: ${goal}`,
    }))
    .filter(({ label, agent }) => label.toLowerCase().includes(wanted) || agent.includes(wanted));
}

/** The work is done: its result is to be kept or discarded, or gone on with. */
export function landingStrip(store: PanelStore): TemplateResult | typeof nothing {
  if (!waitsForLanding(store)) return nothing;
  return html`<div class="banner strip" role="status" data-testid="landing-strip">
    ${icon("changes", "warn")}<span class="grow">The work is done and waits for you.</span>
    <span class="strip-actions">
      <vscode-button @click=${() => void answerChanges(store, true)}
        >Keep ${store.session?.state?.landing?.parts?.length ? "the rest" : "all"}</vscode-button
      >
      <vscode-button appearance="secondary" @click=${() => store.show("changes")}>Review</vscode-button>
    </span>
  </div>`;
}

export function saidRow({ text, to, messageId, seq }: SaidItem, store: PanelStore, session: Followed): TemplateResult {
  const heard = heardBy(session, messageId);
  const isOver = seq > 0 && (!session.running || session.chat.items.some((item) => item.kind === "end" && item.seq > seq));
  const whom = to ? ` to ${taskName(store, to)}` : "";
  return html`<article class="prompt said" aria-label="You${whom}" data-testid="said">
    <div class="who">
      You${whom}<span class="grow"></span><span class="heard" role="status">${heardWords(store, heard, isOver, seq)}</span>
    </div>
    <div class="prompt-text">${text}</div>
    ${
      heard.length === 0 && isOver && !session.running
        ? html`<div class="actions">
            <button class="link" data-testid="said-again" @click=${() => void sendPrompt(store, text)}>Send it as a prompt</button>
          </div>`
        : ""
    }
  </article>`;
}

function heardWords(store: PanelStore, heard: TaskState[], isOver: boolean, seq: number): string {
  const names = [...new Set(heard.map(({ assignedAgent = "" }) => nameIn(store, assignedAgent)))];
  if (names.length > 0) return `heard by ${names.join(", ")}`;
  if (seq === 0) return "sending…";
  return isOver ? "nobody heard it before the run ended" : "not heard yet";
}

function taskName(store: PanelStore, taskId: TaskId): string {
  return nameIn(store, store.session?.state?.tasks[taskId]?.assignedAgent ?? "agent");
}

// One event whole, as JSON, and what its agent saw.

import { html, type TemplateResult } from "lit";
import type { TraceEvent } from "../../src/protocol/events.ts";
import type { Followed } from "../model/follow.ts";
import { fork } from "../model/past.ts";
import type { PanelStore } from "../state.ts";
import { iconButton } from "../ui/iconButton.ts";
import { reveal } from "../ui/reveal.ts";

const longest = 60_000;

export function renderEvent(store: PanelStore, session: Followed, event: TraceEvent): TemplateResult {
  const text = store.seen ?? JSON.stringify(event, null, 2);
  return html`<section class="event-detail" aria-label="Event ${event.seq}" data-testid="trace-detail">
    <div class="toolbar">
      <b>#${event.seq} ${event.type}</b><span class="grow"></span>
      ${
        event.taskId
          ? html`<button class="link" @click=${() => void see(store, session, event)}>
              ${store.seen === undefined ? "What the agent saw" : "The event"}
            </button>`
          : ""
      }
      <button class="link" @click=${() => void copy(store, text)}>Copy</button>
      ${iconButton("fork", "Fork from here", () => void fork(store, session.id, event.seq), "trace-fork")}
      ${iconButton("close", "Close", () => {
        delete store.chosenEvent;
        delete store.seen;
        store.changed();
      })}
    </div>
    <pre tabindex="0" aria-label="Content">${reveal(text.slice(0, longest))}</pre>
    ${text.length > longest ? html`<div class="dim pad">${text.length - longest} more characters are not shown; Copy takes them all.</div>` : ""}
  </section>`;
}

async function see(store: PanelStore, session: Followed, { taskId }: TraceEvent): Promise<void> {
  if (store.seen !== undefined) delete store.seen;
  else if (taskId) {
    const answer = await store.ask("context", { sessionId: session.id, taskId });
    if (answer) store.seen = answer.text;
  }
  store.changed();
}

async function copy(store: PanelStore, text: string): Promise<void> {
  if (store.facts?.editor) await store.ask("editor", { action: "copy", text });
  else await navigator.clipboard.writeText(text);
}

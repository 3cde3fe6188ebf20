// The log as a waterfall: every event a row, what lasted as a bar over the session's time; filtered by the host, paged, and
// each event's whole content beside it.

import { html, nothing, type TemplateResult } from "lit";
import { eventTypes, isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { isFiltered } from "../model/traceLog.ts";
import type { Followed } from "../model/follow.ts";
import { type PanelStore, savePlace } from "../state.ts";
import { place } from "../ui/place.ts";
import type { ListRows, Placed, VirtualList } from "../ui/virtualList.ts";
import { plural, sayDuration } from "../ui/words.ts";
import { summaryOf } from "../ui/eventWords.ts";
import { renderEvent } from "./traceEvent.ts";
import { nameIn } from "./who.ts";

const rowHeight = 22;

export function renderTrace(store: PanelStore): TemplateResult {
  const { session } = store;
  const state = session?.state;
  if (!session || !state) return html`<div class="quiet">No session is open. Every step of the team is recorded here.</div>`;
  const filter = store.place.trace;
  store.trace.look(session.id, filter);
  const count = store.trace.count(state.seq);
  const span = spanInSight(store, state, count);
  const rows: ListRows = {
    count,
    keyAt: (i) => String(store.trace.at(i)?.seq ?? `at${i}`),
    rowAt: (i) => row(store, session, store.trace.at(i), span, i),
  };
  return html`${toolbar(store, state)}
    <div class="summary dim" role="status">
      ${isFiltered(filter) ? `${plural(count, "event")}${store.trace.complete ? "" : "+"} of ${state.seq}` : plural(count, "event")} · in
      sight: ${sayDuration(span.length)}
    </div>
    ${
      count === 0
        ? html`<div class="quiet">${store.trace.complete ? "No event matches." : "Searching…"}</div>`
        : html`<ao-list
            class="trace"
            role="listbox"
            aria-label="Events"
            tabindex="0"
            .rows=${rows}
            .fixed=${rowHeight}
            .stick=${true}
            .start=${store.place.scroll[`trace:${session.id}`] ?? 0}
            @placed=${({ detail }: CustomEvent<Placed>) => onPlaced(store, session, detail)}
            @keydown=${(event: KeyboardEvent) => onKey(store, count, event)}
          ></ao-list>`
    }
    ${store.chosenEvent === undefined ? nothing : renderEvent(store, session, store.chosenEvent)}`;
}

function toolbar(store: PanelStore, state: SessionState): TemplateResult {
  const filter = store.place.trace;
  return html`<div class="toolbar">
    <vscode-text-field
      class="grow"
      data-testid="trace-filter"
      placeholder="Filter by text"
      aria-label="Filter events by text"
      .value=${filter.text ?? ""}
      @input=${({ target }: Event) => refine(store, "text", (target as HTMLInputElement).value, true)}
    ></vscode-text-field>
    <select
      class="field"
      data-testid="trace-task"
      aria-label="Task"
      @change=${({ target }: Event) => refine(store, "taskId", (target as HTMLSelectElement).value)}
    >
      <option value="" ?selected=${!filter.taskId}>All agents</option>
      ${Object.values(state.tasks).map(
        ({ id, assignedAgent, goal }) =>
          html`<option value=${id} ?selected=${filter.taskId === id}>${nameIn(store, assignedAgent ?? "")}: ${goal.slice(0, 40)}</option>`,
      )}
    </select>
    <select
      class="field"
      data-testid="trace-type"
      aria-label="Type of event"
      @change=${({ target }: Event) => refine(store, "type", (target as HTMLSelectElement).value)}
    >
      <option value="" ?selected=${!filter.type}>All types</option>
      ${eventTypes.map((type) => html`<option value=${type} ?selected=${filter.type === type}>${type}</option>`)}
    </select>
  </div>`;
}

let settling: ReturnType<typeof setTimeout> | undefined;

function refine(store: PanelStore, key: "text" | "type" | "taskId", value: string, settle = false): void {
  clearTimeout(settling);
  const apply = (): void => {
    const { [key]: _old, ...rest } = store.place.trace;
    store.place.trace = value === "" ? rest : { ...rest, [key]: value };
    delete store.chosenEvent;
    savePlace(store);
    store.changed();
  };
  if (settle) settling = setTimeout(apply, 200);
  else apply();
}

type Span = { start: number; length: number };

/** The waterfall's time is that of the rows in sight: what a person waited for between two of them elsewhere is no help here. */
function spanInSight(store: PanelStore, state: SessionState, count: number): Span {
  const { top = 0, height = window.innerHeight } = store.traceInSight ?? {};
  const first = store.trace.at(Math.min(Math.floor(top / rowHeight), Math.max(0, count - 1)));
  const last = store.trace.at(Math.max(0, Math.min(Math.ceil((top + height) / rowHeight), count) - 1));
  const start = first ? Date.parse(first.timestamp) - durationOf(first) : Date.parse(state.createdAt);
  const end = last ? Date.parse(last.timestamp) : Date.parse(state.updatedAt);
  return { start, length: Math.max(1, end - start) };
}

function onPlaced(store: PanelStore, session: Followed, placed: Placed): void {
  store.traceInSight = placed;
  store.place.scroll = { ...store.place.scroll, [`trace:${session.id}`]: placed.at };
  savePlace(store);
  store.changed();
}

function row(store: PanelStore, session: Followed, event: TraceEvent | undefined, span: Span, index: number): TemplateResult {
  if (!event) return html`<div class="event loading" role="option" aria-selected="false">…</div>`;
  const chosen = store.chosenEvent?.seq === event.seq;
  const at = Date.parse(event.timestamp);
  const lasted = durationOf(event);
  const share = (ms: number): number => Math.min(100, Math.max(0, (ms / span.length) * 100));
  const left = share(at - lasted - span.start);
  const width = Math.max(0.6, share(lasted));
  return html`<div
    class="event ${chosen ? "chosen" : ""} family-${event.type.split(".")[0]}"
    id="event-${index}"
    role="option"
    aria-selected=${chosen}
    data-testid="trace-row"
    title="${event.type} · ${event.actor}"
    @click=${() => choose(store, event)}
  >
    <span class="event-seq">${event.seq}</span>
    <span class="event-type">${event.type}</span>
    <span class="event-who">${nameIn(store, event.actor)}</span>
    <span class="event-text">${summaryOf(event)}</span>
    <span class="event-time">${lasted > 0 ? sayDuration(lasted) : `+${sayDuration(at - Date.parse(session.state!.createdAt))}`}</span>
    <span class="event-track"
      ><i class="event-bar" ${place({ left: `${Math.min(left, 99.4)}%`, width: `${Math.min(width, 100 - left)}%` })}></i
    ></span>
  </div>`;
}

function durationOf(event: TraceEvent): number {
  if (!isKnown(event)) return 0;
  return event.type === "turn.ended" || event.type === "call.ended" || event.type === "receipt.issued" ? event.payload.durationMs : 0;
}

function choose(store: PanelStore, event: TraceEvent): void {
  if (store.chosenEvent?.seq === event.seq) delete store.chosenEvent;
  else store.chosenEvent = event;
  delete store.seen;
  store.changed();
}

function onKey(store: PanelStore, count: number, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" && store.chosenEvent) return choose(store, store.chosenEvent);
  if (step === undefined || !store.chosenEvent) return;
  event.preventDefault();
  const to = store.trace.indexOf(store.chosenEvent.seq) + step;
  const next = to >= 0 && to < count ? store.trace.at(to) : undefined;
  if (!next) return;
  (event.currentTarget as VirtualList).show(to);
  choose(store, next);
}

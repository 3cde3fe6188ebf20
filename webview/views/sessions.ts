// The sessions: find, open, rename, delete. Deleting asks once more in the row itself.

import { html, type TemplateResult } from "lit";
import type { SessionSummary } from "../../src/protocol/panel.ts";
import { fork, sessionName } from "../model/past.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import type { ListRows } from "../ui/virtualList.ts";
import { sayMoment, sayStatus } from "../ui/words.ts";
import { nameIn } from "./who.ts";

const rowHeight = 48;
const searchKey = "sessions-search";

export function renderSessions(store: PanelStore): TemplateResult {
  const search = store.texts.get(searchKey) ?? "";
  const found = store.sessions.filter(({ name, goal, id }) => `${name}\n${goal}\n${id}`.toLowerCase().includes(search.toLowerCase()));
  const rows: ListRows = { count: found.length, keyAt: (i) => found[i]!.id, rowAt: (i) => row(store, found[i]!) };
  return html`<div class="toolbar">
      <vscode-text-field
        class="grow"
        placeholder="Search sessions"
        aria-label="Search sessions"
        data-testid="session-search"
        .value=${search}
        @input=${({ target }: Event) => {
          store.texts.set(searchKey, (target as HTMLInputElement).value);
          store.changed();
        }}
      ></vscode-text-field>
      <vscode-button @click=${() => store.newSession()}>New session</vscode-button>
    </div>
    ${
      found.length === 0
        ? html`<div class="quiet">
            ${store.sessions.length === 0 ? "No session yet. Give the team a goal in Chat." : "No session matches."}
          </div>`
        : html`<ao-list class="sessions" role="list" aria-label="Sessions" .rows=${rows} .fixed=${rowHeight}></ao-list>`
    }`;
}

function row(store: PanelStore, session: SessionSummary): TemplateResult {
  const said = sayStatus(session.status);
  const name = sessionName(store, session.id);
  const isCurrent = store.session?.id === session.id;
  const rename = `rename:${session.id}`;
  const remove = `remove:${session.id}`;
  if (store.texts.has(rename)) return renameRow(store, session, rename);
  if (store.expanded.has(remove)) return removeRow(store, session, name, remove);
  return html`<div class="session ${isCurrent ? "chosen" : ""}" role="listitem" data-testid="session-row">
    <button
      class="session-open"
      aria-label="Open ${name}, ${said.word}"
      aria-current=${isCurrent}
      @click=${() => {
        store.open(session.id);
        store.show("chat");
      }}
    >
      <span class="session-name"><span class="state state-${session.status}">${icon(said.icon)}</span>${name}</span>
      <span class="dim session-about"
        >${session.folder === undefined ? "" : `${session.folder} · `}${said.word} · ${nameIn(store, session.agent)} ·
        ${sayMoment(session.updatedAt)}</span
      >
    </button>
    <span class="row-actions">
      ${iconButton("edit", "Rename", () => {
        store.texts.set(rename, name);
        store.changed();
      })}
      ${iconButton("fork", "Fork", () => void fork(store, session.id), "fork-session")}
      ${iconButton("delete", "Delete", () => store.toggle(remove), "delete-session")}
    </span>
  </div>`;
}

function renameRow(store: PanelStore, { id }: SessionSummary, key: string): TemplateResult {
  const close = (): void => {
    store.texts.delete(key);
    store.changed();
  };
  const save = (): void => {
    const name = store.texts.get(key)?.trim();
    if (name) void store.ask("rename", { sessionId: id, name });
    close();
  };
  return html`<div class="session editing" role="listitem">
    <input
      class="field grow"
      aria-label="New name"
      .value=${store.texts.get(key) ?? ""}
      @input=${({ target }: Event) => store.texts.set(key, (target as HTMLInputElement).value)}
      @keydown=${({ key: pressed }: KeyboardEvent) => (pressed === "Enter" ? save() : pressed === "Escape" ? close() : undefined)}
    />
    ${iconButton("done", "Save the name", save)} ${iconButton("close", "Keep the old name", close)}
  </div>`;
}

function removeRow(store: PanelStore, { id }: SessionSummary, name: string, key: string): TemplateResult {
  return html`<div class="session editing" role="listitem">
    <span class="line-text">Delete “${name}” and its record?</span><span class="grow"></span>
    <vscode-button
      data-testid="delete-confirm"
      @click=${() => {
        store.toggle(key);
        if (store.session?.id === id) store.newSession();
        store.keep.forget(`recent:${id}`);
        void store.ask("remove", { sessionId: id });
      }}
      >Delete</vscode-button
    >
    ${iconButton("close", "Keep it", () => store.toggle(key))}
  </div>`;
}

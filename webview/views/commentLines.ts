// The lines of a proposed difference that a person can say something of: a button on each line of the result, by mouse or
// by keyboard, what was said below its line, and the bar that sends all of it.

import { html, nothing, type TemplateResult } from "lit";
import type { Commit } from "../../src/protocol/ids.ts";
import { placeOf } from "../../src/protocol/lineComment.ts";
import { type CommentDraft, draftAt, sendComments } from "../model/comments.ts";
import type { PanelStore } from "../state.ts";
import type { Hunk } from "../ui/diffText.ts";
import { icon } from "../ui/icons.ts";
import { iconButton } from "../ui/iconButton.ts";
import { reveal } from "../ui/reveal.ts";
import { plural } from "../ui/words.ts";

/** Each line is an element of its own: of longer files none is. */
export const mostCommented = 2_000;

type Line = { kind: string; text: string; /** In the result. */ number?: number };
type About = { path: string; commit: Commit };

/** The hunk's lines, each with a button where it is a line of the result. */
export function commentLines(store: PanelStore, about: About, hunk: Hunk, name: string): TemplateResult {
  const lines = linesOf(hunk);
  const first = lines.findIndex(({ number }) => number !== undefined);
  return html`<div class="diff say-lines" role="group" aria-label="Lines of ${name}" @keydown=${moveAmongLines}>
    ${lines.map((line, i) => row(store, about, line, i === first))}
  </div>`;
}

function row(store: PanelStore, { path, commit }: About, { kind, text, number }: Line, isFirst: boolean): TemplateResult {
  if (number === undefined) return html`<div class="diff-${kind}">${reveal(text)}</div>`;
  const key = keyOf(path, number);
  const draft = draftAt(store, { path, line: number, commit });
  const isOpen = store.expanded.has(key);
  return html`<div class="diff-${kind} say-row">
      <button
        class="say"
        tabindex=${isFirst ? 0 : -1}
        aria-label="Comment on line ${number} of ${path}"
        title="Comment on line ${number}"
        @click=${(event: Event) => openAt(store, key, event.currentTarget as HTMLElement)}
      >
        ${icon("add")}
      </button>
      <span class="say-text">${reveal(text)}</span>
    </div>
    ${isOpen ? editor(store, { path, line: number, commit, text: draft?.text ?? "" }) : draft ? said(store, draft) : ""}`;
}

function keyOf(path: string, line: number): string {
  return `comment:${path}:${line}`;
}

/** The field takes the focus once it is there. */
function openAt(store: PanelStore, key: string, from: HTMLElement): void {
  store.expanded.add(key);
  store.changed();
  requestAnimationFrame(() =>
    requestAnimationFrame(() => from.closest(".say-row")?.nextElementSibling?.querySelector("textarea")?.focus()),
  );
}

function editor(store: PanelStore, draft: CommentDraft): TemplateResult {
  const { path, line } = draft;
  const close = (event: Event): void => {
    store.expanded.delete(keyOf(path, line));
    store.changed();
    const box = (event.currentTarget as HTMLElement).closest(".said");
    box?.previousElementSibling?.querySelector<HTMLElement>(".say")?.focus();
  };
  return html`<div class="said" role="group" aria-label="Comment on ${placeOf(draft)}">
    <textarea
      class="field"
      rows="2"
      data-testid="comment-text"
      aria-label="Comment on line ${line} of ${path}"
      placeholder="What should the agent that wrote this do?"
      .value=${draft.text}
      @input=${({ target }: Event) =>
        store.session && store.comments.put(store.session.id, { ...draft, text: (target as HTMLTextAreaElement).value })}
      @keydown=${(event: KeyboardEvent) => {
        const isEnd = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
        event.stopPropagation();
        if (isEnd && !event.isComposing) close(event);
      }}
    ></textarea>
    <div class="actions">
      <vscode-button data-testid="comment-keep" @click=${close}>Keep comment</vscode-button>
      <vscode-button
        appearance="secondary"
        @click=${(event: Event) => {
          remove(store, draft);
          close(event);
        }}
        >Delete</vscode-button
      >
    </div>
  </div>`;
}

function remove(store: PanelStore, draft: CommentDraft): void {
  if (store.session) store.comments.put(store.session.id, { ...draft, text: "" });
}

function said(store: PanelStore, draft: CommentDraft): TemplateResult {
  const key = keyOf(draft.path, draft.line);
  return html`<div class="said" role="group" aria-label="Comment on ${placeOf(draft)}" data-testid="comment-draft">
    <span class="said-text">${reveal(draft.text.trim())}</span>
    ${iconButton("edit", `Edit the comment on line ${draft.line}`, (event) => {
      const above = (event.currentTarget as HTMLElement).closest(".said")?.previousElementSibling;
      openAt(store, key, above?.firstElementChild as HTMLElement);
    })}${iconButton("delete", `Delete the comment on line ${draft.line}`, () => remove(store, draft))}
  </div>`;
}

/** How many there are, and the way to send them; below, what was said of a result that is not there any more. */
export function commentBar(store: PanelStore, commit: Commit, isOpen: boolean): TemplateResult | string {
  const drafts = store.session ? store.comments.of(store.session.id) : [];
  const present = drafts.filter((draft) => draft.commit === commit && isOpen);
  const past = drafts.filter((draft) => !present.includes(draft));
  return html`${
    present.length > 0
      ? html`<div class="comment-bar" data-testid="comment-bar">
          ${icon("chat")}<span class="line-text" role="status"
            >${plural(present.length, "comment")} for the agents that wrote these lines</span
          >
          <vscode-button data-testid="send-comments" @click=${() => void sendComments(store, commit)}>Send</vscode-button>
        </div>`
      : nothing
  }
  ${
    past.length > 0
      ? html`<div class="past-comments">
          <div class="dim">Not sent, about an earlier result:</div>
          ${past.map(
            (draft) =>
              html`<div class="said">
                <span class="said-text"><span class="dim">${placeOf(draft)}</span> ${reveal(draft.text.trim())}</span>
                ${iconButton("delete", `Delete the comment on ${placeOf(draft)}`, () => remove(store, draft))}
              </div>`,
          )}
        </div>`
      : nothing
  }`;
}

/** Counted from what the hunk's head says of the result. */
function linesOf({ head, blocks }: Hunk): Line[] {
  let next = Number(/^@@ -\S+ \+(\d+)/.exec(head)?.[1] ?? 1);
  return blocks.flatMap(({ kind, text }) =>
    text.split("\n").map((line): Line => {
      if (kind === "remove" || line.startsWith("\\")) return { kind, text: line };
      return { kind, text: line, number: next++ };
    }),
  );
}

function moveAmongLines(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const target = event.target as HTMLElement;
  if (step === undefined || !target.classList.contains("say")) return;
  event.preventDefault();
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(".say")];
  all[all.indexOf(target) + step]?.focus();
}

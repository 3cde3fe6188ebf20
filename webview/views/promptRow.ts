// One of the person's prompts, with a quiet menu: say it again in other words, fork, take the files back to before it.

import { html, type TemplateResult } from "lit";
import type { PromptItem } from "../model/chatItems.ts";
import type { Followed } from "../model/follow.ts";
import { checkpointBefore, forkAfter, hasEnded, rollBack, sayAgain } from "../model/past.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";
import { menuButton, type MenuEntry } from "../ui/menu.ts";

export function promptRow(item: PromptItem, store: PanelStore, session: Followed): TemplateResult {
  const key = `menu:${item.key}`;
  const isOpen = store.expanded.has(key);
  const toggle = (): void => store.toggle(key);
  return html`<article class="prompt" aria-label="You">
    <div class="who">You<span class="grow"></span>${menuButton("more", "More for this prompt", isOpen, toggle, "prompt-menu")}</div>
    ${isOpen ? html`<ao-menu label="This prompt" .entries=${entries(item, store, session)} @closed=${toggle}></ao-menu>` : ""}
    <div class="prompt-text">${item.text}</div>
    ${store.expanded.has(rollbackKey(item)) ? confirmation(item, store, session) : ""}
  </article>`;
}

const rollbackQuestion = "Take your files, and what the team knows of this session, back to before this prompt?";

function rollbackKey({ key }: PromptItem): string {
  return `rollback:${key}`;
}

function entries(item: PromptItem, store: PanelStore, session: Followed): MenuEntry[] {
  const canRollBack = session.state && !session.running && checkpointBefore(session.state, item);
  return [
    {
      label: "Edit and send again",
      hint: "In a new session that begins before this prompt; this one stays as it is.",
      icon: "edit",
      testId: "prompt-edit",
      action: () => void sayAgain(store, session, item),
    },
    ...(hasEnded(session, item)
      ? [
          {
            label: "Fork from here",
            hint: "A new session with everything up to the end of this answer.",
            icon: "fork" as const,
            testId: "prompt-fork",
            action: () => void forkAfter(store, session, item),
          },
        ]
      : []),
    ...(canRollBack
      ? [
          {
            label: "Roll files back to before this",
            hint: "Takes back what was kept since; what you edited yourself stays.",
            icon: "undo" as const,
            testId: "prompt-rollback",
            action: () => {
              store.spoken.urgent = rollbackQuestion;
              store.toggle(rollbackKey(item));
            },
          },
        ]
      : []),
  ];
}

function confirmation(item: PromptItem, store: PanelStore, session: Followed): TemplateResult {
  const close = (): void => store.toggle(rollbackKey(item));
  const doIt = (): void => {
    const to = session.state && checkpointBefore(session.state, item);
    close();
    if (to) void rollBack(store, session, to);
  };
  return html`<div class="confirm" role="group" aria-label="Roll back">
    <div class="line">${icon("warning", "warn")}<span class="line-text">${rollbackQuestion}</span></div>
    <div class="actions">
      <vscode-button data-testid="rollback-confirm" @click=${doIt}>Roll back</vscode-button>
      <vscode-button appearance="secondary" @click=${close}>Cancel</vscode-button>
    </div>
  </div>`;
}

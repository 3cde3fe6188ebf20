// Where the person's own edits are in the way of what is proposed, and the ways out: by hand, or by the agents.

import { html, type TemplateResult } from "lit";
import type { LandingState } from "../../src/protocol/state.ts";
import { changesOpen } from "../model/answer.ts";
import { beginFollowUp } from "../model/followUp.ts";
import { clashing, joinedByHand } from "../model/parts.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";

export function clashBox(store: PanelStore, landing: LandingState): TemplateResult | string {
  const { session } = store;
  const files = session && changesOpen(store) ? clashing(session, landing) : [];
  if (!session || files.length === 0) return "";
  const [what, them] = files.length === 1 ? [files[0]!, "it"] : [`${files.length} files`, "them"];
  return html`<section class="card clash-box" role="group" aria-label="Your own edits are in the way" data-testid="clash">
    <div class="line note-warning" role="alert">
      ${icon("warning")}<span class="line-text"
        >Not applied: you changed the same places in ${what}. Nothing was written over your edits. Join ${them} by hand, or have the agents
        that wrote these changes do it.</span
      >
    </div>
    <div class="actions">
      ${inMergeEditor(store, undefined)}
      <vscode-button
        appearance=${store.facts?.editor ? "secondary" : "primary"}
        data-testid="join-agents"
        @click=${() => void beginFollowUp(store, { type: "changes.join", sessionId: session.id, by: "user" })}
        >Let an agent join ${them}</vscode-button
      >
    </div>
  </section>`;
}

export function clashNote(store: PanelStore, landing: LandingState, path: string): TemplateResult | string {
  if (!store.session || !changesOpen(store) || !clashing(store.session, landing).includes(path)) return "";
  return html`<div class="clash">
    <div class="line note-warning" role="alert">
      ${icon("warning")}<span class="line-text"
        >Not kept: you changed the same places in this file. Once it holds what you want of both, say so; or undo your edit there and keep
        again.</span
      >
    </div>
    <div class="actions">
      ${inMergeEditor(store, path)}
      <vscode-button appearance="secondary" aria-label="I have joined ${path}" @click=${() => void joinedByHand(store, path)}
        >I have joined it</vscode-button
      >
    </div>
  </div>`;
}

function inMergeEditor(store: PanelStore, path: string | undefined): TemplateResult | string {
  const { facts, session } = store;
  if (!facts?.editor || !session) return "";
  const about = { action: "join" as const, sessionId: session.id, ...(path === undefined ? {} : { path }) };
  return html`<vscode-button appearance=${path === undefined ? "primary" : "secondary"} @click=${() => void store.ask("editor", about)}
    >Join in the merge editor</vscode-button
  >`;
}

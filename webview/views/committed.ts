// Of a result that is in the user's files: the way to a commit of it, and the commits that are there.

import { html, type TemplateResult } from "lit";
import { uncommitted } from "../../src/protocol/landed.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { PanelStore } from "../state.ts";
import { icon } from "../ui/icons.ts";

export function committed(store: PanelStore, state: SessionState): TemplateResult | string {
  const last = state.commits?.at(-1);
  const open = uncommitted(state).length > 0;
  if (!last && !(open && store.facts?.editor)) return "";
  const done = last
    ? html`<div class="line" role="status" data-testid="committed">
        ${icon("done", "good")}<span class="line-text">Committed on ${last.branch} as <code>${last.commit.slice(0, 10)}</code>.</span>
      </div>`
    : "";
  const way =
    open && store.facts?.editor
      ? html`<div class="actions">
          <vscode-button
            appearance="secondary"
            data-testid="commit"
            title="A commit of these changes and nothing else of yours; no hook of the repository is run"
            @click=${() => void store.ask("editor", { action: "commit", sessionId: state.id })}
            >Commit…</vscode-button
          >
          ${store.facts.sourceControl ? toSourceControl(store, state) : ""}
        </div>`
      : "";
  return html`${done} ${way}`;
}

function toSourceControl(store: PanelStore, state: SessionState): TemplateResult {
  return html`<vscode-button
    appearance="secondary"
    data-testid="to-source-control"
    title="Stage these files and put the drafted message into Source Control, to commit with your hooks"
    @click=${() => void store.ask("editor", { action: "toSourceControl", sessionId: state.id })}
    >To Source Control</vscode-button
  >`;
}

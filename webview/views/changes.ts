// What the session would change in the person's files: keep it or not, file by file to look at; and each task's own patch.

import { html, type TemplateResult } from "lit";
import type { ContentHash } from "../../src/protocol/ids.ts";
import type { LandingState, SessionState } from "../../src/protocol/state.ts";
import { answerChanges, changesOpen } from "../model/answer.ts";
import type { PanelStore } from "../state.ts";
import { blocksOfPatch, filesOfPatch, showDiff } from "../ui/diffText.ts";
import { icon } from "../ui/icons.ts";
import { reveal } from "../ui/reveal.ts";
import { plural } from "../ui/words.ts";
import { lineCounts } from "../ui/lineCounts.ts";
import { nameIn } from "./who.ts";

const mostFiles = 100;

export function renderChanges(store: PanelStore): TemplateResult {
  const state = store.session?.state;
  if (!state) return html`<div class="quiet">No session is open. What the team changed appears here.</div>`;
  return html`<div class="scroll pad">
    ${
      state.landing
        ? landing(store, state, state.landing)
        : html`<h2>No changes to keep</h2>
            <p class="dim">When the team has changed files, they wait here until you keep or discard them.</p>`
    }
    ${patches(store, state)}
  </div>`;
}

function landing(store: PanelStore, state: SessionState, { files, decision, patch }: LandingState): TemplateResult {
  const added = files.reduce((sum, file) => sum + file.added, 0);
  const removed = files.reduce((sum, file) => sum + file.removed, 0);
  return html`<h2>${plural(files.length, "changed file")} ${lineCounts(added, removed)}</h2>
    ${
      changesOpen(store)
        ? html`<div class="actions">
            <vscode-button data-testid="keep-all" @click=${() => void answerChanges(store, true)}>Keep all</vscode-button>
            <vscode-button appearance="secondary" data-testid="discard-all" @click=${() => void answerChanges(store, false)}
              >Discard</vscode-button
            >
            ${
              store.facts?.editor
                ? html`<vscode-button
                    appearance="secondary"
                    @click=${() => void store.ask("editor", { action: "openChanges", sessionId: state.id })}
                    >Open all in the editor</vscode-button
                  >`
                : ""
            }
          </div>`
        : ""
    }
    ${decided(decision)}
    <div class="files" role="list" aria-label="Changed files">
      ${files.slice(0, mostFiles).map((file) => fileRow(store, state, file, patch?.hash))}
    </div>
    ${files.length > mostFiles ? html`<div class="dim">and ${files.length - mostFiles} more</div>` : ""}`;
}

function decided(decision: LandingState["decision"]): TemplateResult | string {
  if (!decision) return html`<p class="dim">Your files are untouched until you keep these changes.</p>`;
  const said = {
    applied: { look: "good", name: "done", text: "Kept: these changes are in your workspace." },
    discarded: { look: "dim", name: "cancelled", text: "Discarded: your files are as they were." },
    conflict: {
      look: "bad",
      name: "warning",
      text: "Not applied: you changed the same places meanwhile. Save or undo your edits there, then keep again.",
    },
  } as const;
  const { look, name, text } = said[decision];
  return html`<div class="line decided" role="status">${icon(name, look)}<span class="line-text">${text}</span></div>`;
}

function fileRow(
  store: PanelStore,
  state: SessionState,
  file: LandingState["files"][number],
  hash: ContentHash | undefined,
): TemplateResult {
  const key = `file:${file.path}`;
  const isOpen = store.expanded.has(key);
  return html`<div class="file" role="listitem">
    <div class="file-line">
      <button class="line" aria-expanded=${isOpen} @click=${() => store.toggle(key)}>
        ${icon("chevron", isOpen ? "down" : "")}<span class="kind kind-${file.kind}" title=${file.kind}>${file.kind[0]!.toUpperCase()}</span
        ><span class="line-text path">${reveal(file.path)}${file.link ? html`<span class="dim"> (link)</span>` : ""}</span
        >${lineCounts(file.added, file.removed)}
      </button>
      ${
        store.facts?.editor
          ? html`<button
              class="link"
              @click=${() => void store.ask("editor", { action: "openDiff", path: file.path, sessionId: state.id })}
            >
              Open diff
            </button>`
          : ""
      }
    </div>
    ${isOpen && hash ? patchText(store, hash, file.path) : ""}
  </div>`;
}

function patchText(store: PanelStore, hash: ContentHash, path?: string): TemplateResult {
  const content = store.artifacts.get(hash);
  if (content === "loading") return html`<div class="quiet" role="status">Loading…</div>`;
  if ("error" in content) return html`<div class="line note-error">${icon("failed")}<span class="line-text">${content.error}</span></div>`;
  const text = path === undefined ? content.text : (filesOfPatch(content.text).find((file) => file.path === path)?.patch ?? content.text);
  const key = `whole:${hash}:${path ?? ""}`;
  return showDiff(blocksOfPatch(text), `Change of ${path ?? "this task"}`, store.expanded.has(key), () => store.toggle(key));
}

function patches(store: PanelStore, state: SessionState): TemplateResult | string {
  const made = Object.values(state.tasks).flatMap((task) =>
    (task.artifacts ?? []).filter(({ kind }) => kind === "patch").map((artifact) => ({ task, artifact })),
  );
  if (made.length === 0) return "";
  return html`<h2>By task</h2>
    ${made.slice(0, mostFiles).map(({ task, artifact }) => {
      const key = `patch:${artifact.hash}`;
      const isOpen = store.expanded.has(key);
      return html`<div class="file">
        <button class="line" aria-expanded=${isOpen} @click=${() => store.toggle(key)}>
          ${icon("chevron", isOpen ? "down" : "")}<span class="line-text"
            ><b>${nameIn(store, task.assignedAgent ?? "")}</b> <span class="dim">${task.output?.summary ?? task.goal}</span></span
          >
        </button>
        ${isOpen ? patchText(store, artifact.hash) : ""}
      </div>`;
    })}`;
}

// What the session would change in the person's files, to keep or to undo, all at once or in parts; and each task's own patch.

import { html, type TemplateResult } from "lit";
import { describeProof, type Proof, proofsOf } from "../../src/protocol/proof.ts";
import type { LandingState, SessionState } from "../../src/protocol/state.ts";
import { answerChanges, changesOpen } from "../model/answer.ts";
import type { PanelStore } from "../state.ts";
import { blocksOfPatch, showDiff } from "../ui/diffText.ts";
import { icon } from "../ui/icons.ts";
import { lineCounts } from "../ui/lineCounts.ts";
import { plural } from "../ui/words.ts";
import { clashBox } from "./clash.ts";
import { commentBar } from "./commentLines.ts";
import { committed } from "./committed.ts";
import { contentOf, fileRow } from "./fileChange.ts";
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

function landing(store: PanelStore, state: SessionState, proposed: LandingState): TemplateResult {
  const { files, decision, patch } = proposed;
  const added = files.reduce((sum, file) => sum + file.added, 0);
  const removed = files.reduce((sum, file) => sum + file.removed, 0);
  return html`<h2>${plural(files.length, "changed file")} ${lineCounts(added, removed)}</h2>
    ${changesOpen(store) ? answers(store, state, proposed) : ""} ${clashBox(store, proposed)} ${decided(proposed, decision)}
    ${committed(store, state)} ${proofsOf(state).map(proofLine)} ${commentBar(store, proposed.commit, changesOpen(store))}
    <div class="files" role="list" aria-label="Changed files">
      ${files.slice(0, mostFiles).map((file) => fileRow(store, proposed, file, patch?.hash))}
    </div>
    ${files.length > mostFiles ? html`<div class="dim">and ${files.length - mostFiles} more</div>` : ""}`;
}

function proofLine(proof: Proof): TemplateResult {
  const isGood = proof.says === "passed";
  return html`<div class="line ${isGood ? "dim" : "note-warning"}" data-testid="proof">
    ${icon(isGood ? "done" : "warning")}<span class="line-text">${describeProof(proof)}</span>
  </div>`;
}

function answers(store: PanelStore, state: SessionState, proposed: LandingState): TemplateResult {
  const rest = proposed.parts?.length ? "the rest" : "all";
  return html`<div class="actions">
    <vscode-button data-testid="keep-all" @click=${() => void answerChanges(store, true)}>Keep ${rest}</vscode-button>
    <vscode-button appearance="secondary" data-testid="discard-all" @click=${() => void answerChanges(store, false)}
      >Undo ${rest}</vscode-button
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
  </div>`;
}

function decided({ files, parts }: LandingState, decision: LandingState["decision"]): TemplateResult | string {
  const isMixed = parts?.some((part) => part.decision !== decision) ?? false;
  if (!decision || decision === "conflict") {
    const words = parts?.length
      ? "What you kept is in your workspace; the rest waits for you."
      : "Your files are untouched until you keep these changes.";
    return html`<p class="dim">${words}</p>`;
  }
  const said = {
    applied: { look: "good", name: "done", text: "Kept: these changes are in your workspace." },
    discarded: { look: "dim", name: "cancelled", text: "Undone: your files are as they were." },
  } as const;
  const { look, name, text } = said[decision];
  const all = isMixed ? `Decided: what you kept of ${plural(files.length, "file")} is in your workspace.` : text;
  return html`<div class="line decided" role="status">${icon(name, look)}<span class="line-text">${all}</span></div>`;
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
        ${isOpen ? contentOf(store, artifact.hash, (text) => taskDiff(store, artifact.hash, text)) : ""}
      </div>`;
    })}`;
}

function taskDiff(store: PanelStore, hash: string, text: string): TemplateResult {
  const key = `whole:${hash}`;
  return showDiff(blocksOfPatch(text), "Change of this task", store.expanded.has(key), () => store.toggle(key));
}

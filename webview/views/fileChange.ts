// One proposed file: what becomes of it, its difference hunk by hunk, and keep or undo for the whole of it or for a hunk.

import { html, type TemplateResult } from "lit";
import type { ChangePart, FileChange } from "../../src/protocol/events.ts";
import type { ContentHash } from "../../src/protocol/ids.ts";
import type { LandingState } from "../../src/protocol/state.ts";
import { changesOpen } from "../model/answer.ts";
import { decideParts, type FileDecision, fileDecision, hunkDecision } from "../model/parts.ts";
import { clashNote } from "./clash.ts";
import { commentLines, mostCommented } from "./commentLines.ts";
import type { PanelStore } from "../state.ts";
import { filesOfPatch, firstLines, type Hunk, hunksOf, mostLines, showBlocks } from "../ui/diffText.ts";
import { icon } from "../ui/icons.ts";
import { lineCounts } from "../ui/lineCounts.ts";
import { reveal } from "../ui/reveal.ts";

export function fileRow(store: PanelStore, landing: LandingState, file: FileChange, hash: ContentHash | undefined): TemplateResult {
  const key = `file:${file.path}`;
  const isOpen = store.expanded.has(key);
  return html`<div class="file" role="listitem">
    <div class="file-line">
      <button class="line" aria-expanded=${isOpen} @click=${() => store.toggle(key)}>
        ${icon("chevron", isOpen ? "down" : "")}${fileName(file)}${lineCounts(file.added, file.removed)}
      </button>
      ${fileAnswer(store, landing, file, hash)}
      ${
        store.facts?.editor && store.session
          ? html`<button
              class="link open-diff"
              title="Open the difference of ${file.path}"
              @click=${() => void store.ask("editor", { action: "openDiff", path: file.path, sessionId: store.session!.id })}
            >
              ${icon("diff")}Open diff
            </button>`
          : ""
      }
    </div>
    ${clashNote(store, landing, file.path)} ${isOpen && hash ? contentOf(store, hash, (text) => fileDiff(store, landing, file, text)) : ""}
  </div>`;
}

export function fileName({ kind, path, link }: FileChange): TemplateResult {
  return html`<span class="kind kind-${kind}" title=${kind}>${kind[0]!.toUpperCase()}</span
    ><span class="line-text path">${reveal(path)}${link ? html`<span class="dim"> (link)</span>` : ""}</span>`;
}

/** Keep and undo, or what was decided. */
export function fileAnswer(store: PanelStore, landing: LandingState, { path }: FileChange, hash?: ContentHash): TemplateResult | string {
  const content = hash && store.expanded.has(`file:${path}`) ? store.artifacts.get(hash) : undefined;
  const hunks = typeof content === "object" && "text" in content ? hunksIn(content.text, path).hunks.length : undefined;
  const decision = fileDecision(landing, path, hunks);
  const isOpen = changesOpen(store) && (decision === undefined || decision === "partly");
  const isJoined = landing.parts?.some((part) => part.path === path && part.joined) ?? false;
  return html`${decision ? mark(isJoined ? "joined" : decision) : ""}${isOpen ? keepOrUndo(store, path, { path }, decision === "partly") : ""}`;
}

type Mark = NonNullable<FileDecision> | "joined";

const marks: Record<Mark, { icon: "done" | "undo"; look: string; word: string }> = {
  applied: { icon: "done", look: "good", word: "kept" },
  joined: { icon: "done", look: "good", word: "joined by hand" },
  discarded: { icon: "undo", look: "dim", word: "undone" },
  mixed: { icon: "done", look: "good", word: "partly kept" },
  partly: { icon: "done", look: "dim", word: "partly" },
};

function mark(decision: Mark): TemplateResult {
  const { icon: name, look, word } = marks[decision];
  return html`<span class="mark" data-testid="mark">${icon(name, look)}${word}</span>`;
}

function keepOrUndo(store: PanelStore, about: string, part: ChangePart, rest = false): TemplateResult {
  const decide = (event: Event, keep: boolean): void => {
    focusNext(event.currentTarget as HTMLElement);
    void decideParts(store, keep, [part]);
  };
  const what = rest ? `the rest of ${about}` : about;
  return html`<span class="decide">
    <button aria-label="Keep ${what}" title="Keep ${what}" @click=${(event: Event) => decide(event, true)}>
      ${icon("done", "good")}<span class="decide-word">Keep</span>
    </button>
    <button aria-label="Undo ${what}" title="Undo ${what}" @click=${(event: Event) => decide(event, false)}>
      ${icon("undo")}<span class="decide-word">Undo</span>
    </button>
  </span>`;
}

/** The buttons of what is decided go away: the next ones take the focus. */
function focusNext(button: HTMLElement): void {
  const own = button.closest(".decide");
  const all = [...(button.getRootNode() as ShadowRoot).querySelectorAll(".decide")];
  const next = all[all.findIndex((one) => one === own) + 1] ?? all.find((one) => one !== own);
  const same = button.previousElementSibling ? "button:last-child" : "button";
  (next?.querySelector<HTMLElement>(same) ?? button.closest<HTMLElement>("[tabindex]"))?.focus();
}

function fileDiff(store: PanelStore, landing: LandingState, { path }: FileChange, patch: string): TemplateResult {
  const { about, hunks } = hunksIn(patch, path);
  const key = `whole:${path}`;
  const total = hunks.reduce((sum, { lines }) => sum + lines, 0);
  const isWhole = total <= mostLines || store.expanded.has(key);
  const shown = isWhole ? hunks : firstHunks(hunks);
  return html`${about ? html`<div class="dim small about-file">${about}</div>` : ""}
  ${shown.map((hunk, i) => {
    const name = `change ${i + 1} of ${hunks.length} in ${path}`;
    return html`<section class="hunk" role="group" aria-label=${name}>
      <div class="hunk-head">
        <code class="dim line-text">${reveal(hunk.head)}</code>${hunkAnswer(store, landing, path, i, hunks.length, name)}
      </div>
      ${
        changesOpen(store) && total <= mostCommented
          ? commentLines(store, { path, commit: landing.commit }, hunk, name)
          : html`<div class="diff" tabindex="0" role="group" aria-label="Lines of ${name}">${showBlocks(hunk.blocks)}</div>`
      }
    </section>`;
  })}
  ${isWhole ? "" : html`<vscode-button appearance="secondary" @click=${() => store.toggle(key)}>Show all ${total} lines</vscode-button>`}`;
}

/** A single hunk is the file. */
function hunkAnswer(
  store: PanelStore,
  landing: LandingState,
  path: string,
  hunk: number,
  count: number,
  name: string,
): TemplateResult | string {
  if (count < 2) return "";
  const decision = hunkDecision(landing, path, hunk);
  if (decision) return mark(decision);
  return changesOpen(store) ? keepOrUndo(store, name, { path, hunks: [hunk] }) : "";
}

function firstHunks(hunks: Hunk[]): Hunk[] {
  let left = mostLines;
  return hunks.flatMap((hunk) => {
    if (left <= 0) return [];
    const blocks = firstLines(hunk.blocks, left);
    left -= hunk.lines;
    return [{ ...hunk, blocks }];
  });
}

let cut: { text: string; files: Map<string, ReturnType<typeof hunksOf>> } | undefined;

/** The views ask again and again for the same text. */
function hunksIn(text: string, path: string): ReturnType<typeof hunksOf> {
  if (cut?.text !== text) cut = { text, files: new Map(filesOfPatch(text).map((file) => [file.path, hunksOf(file.patch)])) };
  return cut.files.get(path) ?? { about: "", hunks: [] };
}

export function contentOf(store: PanelStore, hash: ContentHash, show: (text: string) => TemplateResult): TemplateResult {
  const content = store.artifacts.get(hash);
  if (content === "loading") return html`<div class="quiet" role="status">Loading…</div>`;
  if ("error" in content) return html`<div class="line note-error">${icon("failed")}<span class="line-text">${content.error}</span></div>`;
  return show(content.text);
}

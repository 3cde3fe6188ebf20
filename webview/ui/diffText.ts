// A difference as lines to show: from an old and a new text, from a unified patch, or a new file. Lines of one kind that
// follow each other are one block, so that a long difference stays a few elements.

import { diffLines } from "diff";
import { html, type TemplateResult } from "lit";
import { reveal } from "./reveal.ts";

export type DiffBlock = { kind: "same" | "add" | "remove" | "head"; text: string };

export const mostLines = 400;
/** More lines than are in sight at once. */
export const manyLines = 24;

export function blocksOfEdit(before: string, after: string): DiffBlock[] {
  return diffLines(before, after).map(({ added, removed, value }) => ({
    kind: added ? "add" : removed ? "remove" : "same",
    text: marked(value, added ? "+" : removed ? "-" : " "),
  }));
}

export function blocksOfNew(text: string): DiffBlock[] {
  return [{ kind: "add", text: marked(text, "+") }];
}

export function blocksOfPatch(patch: string): DiffBlock[] {
  return blocksOf(patch, kindOf);
}

function blocksOf(text: string, kindOf: (line: string) => DiffBlock["kind"]): DiffBlock[] {
  const blocks: DiffBlock[] = [];
  for (const line of text.split("\n")) {
    const kind = kindOf(line);
    const last = blocks.at(-1);
    if (last && last.kind === kind) last.text += `\n${line}`;
    else blocks.push({ kind, text: line });
  }
  return blocks;
}

/** A patch of several files, cut at its files. */
export function filesOfPatch(patch: string): { path: string; patch: string }[] {
  const starts = [...patch.matchAll(/^diff --git .*$/gm)].map(({ index }) => index);
  return starts.map((start, i) => {
    const text = patch.slice(start, starts[i + 1] ?? patch.length).trimEnd();
    const path = /^\+\+\+ b\/(.*)$/m.exec(text)?.[1] ?? /^--- a\/(.*)$/m.exec(text)?.[1] ?? /^diff --git a\/(.*) b\//.exec(text)?.[1] ?? "";
    return { path: path.trim(), patch: text };
  });
}

export type Hunk = { head: string; blocks: DiffBlock[]; lines: number };

/** One file's patch in its hunks; `about` is what is said of the file as a whole (new, deleted, renamed, binary). */
export function hunksOf(patch: string): { about: string; hunks: Hunk[] } {
  const starts = [...patch.matchAll(/^@@ .*$/gm)];
  const end = starts[0]?.index ?? patch.length;
  const about = patch
    .slice(0, end)
    .split("\n")
    .filter((line) => /^(new|old|deleted|rename|similarity|Binary|GIT binary)\b/.test(line));
  const hunks = starts.map(({ index, 0: head }, i): Hunk => {
    const lines = patch.slice(index + head.length + 1, starts[i + 1]?.index ?? patch.length).replace(/\n$/, "");
    return { head, blocks: blocksOf(lines, kindIn), lines: lineCount(lines) + 1 };
  });
  return { about: about.join("\n"), hunks };
}

export function showBlocks(blocks: DiffBlock[]): TemplateResult[] {
  return blocks.map(({ kind, text }) => html`<div class="diff-${kind}">${reveal(text)}</div>`);
}

export function showDiff(blocks: DiffBlock[], label: string, whole: boolean, showAll: () => void): TemplateResult {
  const total = blocks.reduce((sum, { text }) => sum + lineCount(text), 0);
  const shown = whole ? blocks : firstLines(blocks, mostLines);
  return html`<div class="diff" role="group" aria-label=${label} tabindex="0">${showBlocks(shown)}</div>
    ${total > manyLines ? html`<div class="dim small">${total} lines: scroll to read them all</div>` : ""}
    ${
      !whole && total > mostLines
        ? html`<vscode-button appearance="secondary" @click=${showAll}
            >Show all ${total} lines (${total - mostLines} are not shown)</vscode-button
          >`
        : ""
    }`;
}

export function firstLines(blocks: DiffBlock[], most: number): DiffBlock[] {
  const shown: DiffBlock[] = [];
  let left = most;
  for (const { kind, text } of blocks) {
    if (left <= 0) break;
    shown.push({ kind, text: text.split("\n").slice(0, left).join("\n") });
    left -= lineCount(text);
  }
  return shown;
}

function kindOf(line: string): DiffBlock["kind"] {
  return /^(diff |index |--- |\+\+\+ |@@ |new file|deleted file|rename |similarity )/.test(line) ? "head" : kindIn(line);
}

/** Within a hunk the first character alone tells. */
function kindIn(line: string): DiffBlock["kind"] {
  if (line.startsWith("+")) return "add";
  return line.startsWith("-") ? "remove" : "same";
}

function marked(text: string, sign: string): string {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => `${sign} ${line}`)
    .join("\n");
}

function lineCount(text: string): number {
  return text.split("\n").length;
}

// Shows what would deceive the eye: invisible, direction-changing and control characters, odd spaces, and letters of another
// script within a Latin word. Used wherever a person decides by what they read.

import { html, type TemplateResult } from "lit";

/** Control, format, private and unassigned characters, and separators of lines. */
const hiddenKind = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** Spaces other than the plain one. */
const oddSpace = /[^ \P{Zs}]/u;
/** Drawn as nothing although they count as letters or marks: joiners, fillers, variation selectors. */
const drawnAsNothing: [number, number][] = [
  [0x034f, 0x034f],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xffa0, 0xffa0],
  [0xe0100, 0xe01ef],
];
const plain = new Set(["\n", "\t"]);
const wordWithMixedScripts =
  /(?=\S*\p{Script=Latin})(?=\S*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}])\S+/gu;
const foreignLetter = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

export type Part = { text: string; deceptive: boolean };

export function partsOf(text: string): Part[] {
  const foreign = foreignPlaces(text);
  const parts: Part[] = [];
  let run = "";
  let at = 0;
  for (const char of text) {
    const deceptive = isHidden(char) || foreign.has(at);
    if (deceptive) {
      if (run) parts.push({ text: run, deceptive: false });
      run = "";
      parts.push({ text: foreign.has(at) ? `${char}${named(char)}` : named(char), deceptive: true });
    } else run += char;
    at += char.length;
  }
  if (run) parts.push({ text: run, deceptive: false });
  return parts;
}

export function isDeceptive(text: string): boolean {
  return partsOf(text).some(({ deceptive }) => deceptive);
}

export function reveal(text: string): TemplateResult | string {
  const parts = partsOf(text);
  if (!parts.some(({ deceptive }) => deceptive)) return text;
  return html`${parts.map((part) => (part.deceptive ? html`<mark class="deceptive" title="A character that is invisible or looks like another">${part.text}</mark>` : part.text))}`;
}

function isHidden(char: string): boolean {
  if (plain.has(char)) return false;
  const code = char.codePointAt(0)!;
  return hiddenKind.test(char) || oddSpace.test(char) || drawnAsNothing.some(([from, to]) => code >= from && code <= to);
}

function named(char: string): string {
  return `⟨U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

function foreignPlaces(text: string): Set<number> {
  const places = new Set<number>();
  for (const word of text.matchAll(wordWithMixedScripts)) {
    let at = word.index;
    for (const char of word[0]) {
      if (foreignLetter.test(char)) places.add(at);
      at += char.length;
    }
  }
  return places;
}

// Shows what would deceive the eye: invisible, direction-changing and control characters, odd spaces, and letters of another
// script within a Latin word. Used wherever a person decides by what they read.

import { html, type TemplateResult } from "lit";

/** Control, format and private characters, separators other than plain spaces, fillers, variation selectors, tags. */
const hidden =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;
const plain = new Set(["\n", "\t"]);
const wordWithMixedScripts = /(?=\S*\p{Script=Latin})(?=\S*[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}])\S+/gu;
const foreignLetter = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

export type Part = { text: string; deceptive: boolean };

export function partsOf(text: string): Part[] {
  const foreign = foreignPlaces(text);
  const parts: Part[] = [];
  let run = "";
  let at = 0;
  for (const char of text) {
    const deceptive = (hidden.test(char) && !plain.has(char)) || foreign.has(at);
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

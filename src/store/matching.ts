// What a search for facts and documents means, the same in every store: words, tags and file names.

import type { StoredDocument, StoredFact } from "../core/ports.ts";

/** Case, accents and punctuation make no difference to a search. */
export function wordsOf(text: string): string[] {
  const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

export function hasTags(tags: readonly string[], wanted: readonly string[] | undefined): boolean {
  return (wanted ?? []).every((tag) => tags.includes(tag));
}

/** Every word of `text` begins some word of the statement. */
export function factMatches(fact: StoredFact, query: { text?: string; tags?: string[]; now: string }): boolean {
  if (fact.expiresAt !== undefined && fact.expiresAt <= query.now) return false;
  if (!hasTags(fact.tags, query.tags)) return false;
  const words = wordsOf(fact.statement);
  return wordsOf(query.text ?? "").every((wanted) => words.some((word) => word.startsWith(wanted)));
}

/** `filename` is a glob when it has `*` or `?`, else a part of the name. */
export function documentMatcher(query: { filename?: string; tags?: string[] }): (document: StoredDocument) => boolean {
  const named = nameMatcher(query.filename ?? "");
  return (document) => named(document.filename) && hasTags(document.tags, query.tags);
}

function nameMatcher(pattern: string): (name: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (!/[*?]/.test(wanted)) return (name) => name.toLowerCase().includes(wanted);
  const source = wanted
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*+/g, ".*")
    .replace(/\?/g, ".");
  const glob = new RegExp(`^${source}$`, "su");
  return (name) => glob.test(name.toLowerCase());
}

// How much of the team a goal deserves. A question is answered and a small edit made by one agent; reviewers come by
// the size and the risk of what really changed. Measured in tokens, a nineteen-agent answer to a typo is a defect.

import type { FileChange } from "../protocol/events.ts";

export type Proportion = "answer" | "edit" | "plan";

/** More than one thing is asked for. */
const parts = /(\n\s*[-*\d]|;|\bthen\b|\bafter that\b|\bas well as\b)/i;
const request = /^(please|(can|could|would|will) (you|we)( please)?|how about|why not|why don't (you|we))\s+/i;
const asksWith = /^(what|which|who|whose|why|how)\b/i;
const asksIfMarked = /^(where|when|is|are|was|were|does|do|did|can|could|should|would|has|have|am)\b/i;
const tells = /^(explain|describe|summari[sz]e|outline|compare|show me|tell me|list|give me an overview)\b/i;
const documents = /^describe\b.*\bin (the )?(readme|changelog|docs?\b|[\w./-]+\.(md|rst|txt))/i;
const change =
  /\b(add|implement|create|build|write|refactor|rewrite|migrate|introduce|replace|convert|extract|optimi[sz]e|fix|change|remove|update)\b/i;
const feature =
  /\b(implement|supports?|refactor|rewrite|migrat\w+|introduce|design|build|create|extract|optimi[sz]e|integrat\w+|tests?|feature)\b/i;

/** A word or a value in place, whatever the file is about. */
const smallEdits = [
  /^(fix|correct|mend|repair|change|adjust|improve|clean up|remove)\b.*\b(typos?|spelling|misspell\w*|wording|whitespace|indentation|capitali[sz]ation|punctuation|grammar|semicolon|unused imports?)\b/i,
  /^(fix|correct)\b.*\b(readme|changelog|licen[sc]e)\b/i,
  /^add (a|the) (missing )?(semicolon|comma|newline|full stop)\b/i,
  /^(add|write) (an? |the |some )?(short |doc )?comments? (to|for|in|above|on)\b/i,
  /^bump\b(?!.*\b(all|every)\b)/i,
  /^(capitali[sz]e|reword|indent)\b/i,
];
const rename = /^rename\s+\S+(\s+\S+){0,2}\s+(to|into|as)\s+\S+/i;
const inOneFile = /^(add|change|set|replace|remove|delete|update|swap|make|correct)\b/i;
const additions = /^add\b(?!\s+(the )?(word|line|link|badge|sentence|key)\b)/i;

export function proportionOf(goal: string): Proportion {
  const text = goal.trim();
  if (text.length > 280 || text.split("\n").length > 4 || parts.test(text)) return "plan";
  const wish = text.replace(request, "");
  if (isQuestion(text, wish)) return "answer";
  return isSmallEdit(wish) ? "edit" : "plan";
}

function isQuestion(text: string, wish: string): boolean {
  const [asked, ...more] = wish.split(/(?<=[?.])\s+/);
  if (change.test(more.join(" "))) return false;
  if (tells.test(wish))
    return !documents.test(wish) && !/\band (also )?(add|fix|implement|change|write|update|remove|create)\b/i.test(wish);
  if (wish !== text) return false;
  return asksWith.test(asked!) || (asksIfMarked.test(asked!) && asked!.endsWith("?"));
}

/** What stands in quotes is the matter, not the order. */
function isSmallEdit(wish: string): boolean {
  const order = wish.replaceAll(/(^|\s)(["'`])(.+?)\2(?=[\s.,:!?)]|$)/g, "$1_");
  if (rename.test(order)) return !/\band\b/i.test(order);
  if (feature.test(order)) return false;
  if (smallEdits.some((pattern) => pattern.test(order))) return true;
  return inOneFile.test(order) && !additions.test(order) && order.length <= 120 && pathsIn(wish).length === 1 && !/\band\b/i.test(order);
}

const riskyPath =
  /(^|\/)(auth|security|crypto|payment|billing|migrations?|\.github|docker)[^/]*|(^|\/)(package\.json|Cargo\.toml|pyproject\.toml|Dockerfile)$|password|secret|token/i;

/** Whether what changed is large or risky enough for the reviewers. */
export function deservesReview(files: FileChange[]): boolean {
  const code = files.filter((file) => !isProse(file.path));
  const lines = code.reduce((sum, file) => sum + file.added + file.removed, 0);
  return lines > 12 || code.length > 2 || code.some((file) => riskyPath.test(file.path) || file.kind === "deleted");
}

/** Text for people, which no test runs. */
export function isProse(path: string): boolean {
  return /\.(md|txt|rst)$/i.test(path);
}

const testPath = /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rs)$/i;

export function isTestPath(path: string): boolean {
  return testPath.test(path);
}

/** Paths that a text names (`src/a.ts`, `README.md`). */
export function pathsIn(text: string): string[] {
  return [...text.matchAll(/[\w./-]*[\w-]\.[a-z]{1,5}\b/gi)].map((match) => match[0]);
}

// How much of the team a goal deserves. A question is answered and a small edit made by one agent; reviewers come by
// the size and the risk of what really changed. Measured in tokens, a nineteen-agent answer to a typo is a defect.

import type { FileChange } from "../protocol/events.ts";

export type Proportion = "answer" | "edit" | "plan";

const question =
  /^(what|where|which|who|why|when|how|is|are|does|do|can|could|should|explain|describe|summari[sz]e|show me|tell me|list)\b/i;
const change =
  /\b(add|implement|create|build|write|refactor|rewrite|migrate|port|introduce|support|replace|convert|extract|design|optimi[sz]e|test)\b/i;
const smallEdit =
  /\b(typo|spelling|misspell\w*|misspelled|rename|wording|comment|whitespace|indentation|bump|capitali[sz]e|punctuation|grammar)\b/i;
const parts = /(\n\s*[-*\d]|;|\band then\b|\bafter that\b|\bas well as\b)/i;

export function proportionOf(goal: string): Proportion {
  const text = goal.trim();
  const long = text.length > 280 || text.split("\n").length > 4;
  if (long) return "plan";
  if (smallEdit.test(text) && !parts.test(text)) return "edit";
  if (question.test(text) && (text.endsWith("?") || !change.test(text)) && !parts.test(text)) return "answer";
  return "plan";
}

const riskyPath =
  /(^|\/)(auth|security|crypto|payment|billing|migrations?|\.github|docker)[^/]*|(^|\/)(package\.json|Cargo\.toml|pyproject\.toml|Dockerfile)$|password|secret|token/i;

/** Whether what changed is large or risky enough for the reviewers. */
export function deservesReview(files: FileChange[]): boolean {
  const code = files.filter((file) => !/\.(md|txt|rst)$/i.test(file.path));
  const lines = code.reduce((sum, file) => sum + file.added + file.removed, 0);
  return lines > 12 || code.length > 2 || code.some((file) => riskyPath.test(file.path) || file.kind === "deleted");
}

const testPath = /(^|\/)(tests?|__tests__|spec)\/|[._-](test|spec)\.[a-z]+$|(^|\/)test_[^/]+\.py$|_test\.(go|py|rs)$/i;

export function isTestPath(path: string): boolean {
  return testPath.test(path);
}

/** Paths that a text names (`src/a.ts`, `README.md`). */
export function pathsIn(text: string): string[] {
  return [...text.matchAll(/[\w./-]*[\w-]\.[a-z]{1,5}\b/gi)].map((match) => match[0]);
}

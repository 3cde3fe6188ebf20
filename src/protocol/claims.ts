// What a result says of the project's checks, so that it can be held against the runner's receipts (A11). Read from what
// an agent declares, and from its prose: that is where a model says that the tests pass.

import type { CheckKind, TaskResult } from "./agents.ts";

const subjects: Record<CheckKind, string> = {
  test: "(?:tests?|specs?|test suites?|test run)",
  build: "(?:builds?|compilation|type.?check(?:ing)?|compiler|tsc)",
  lint: "(?:lint(?:ing|er)?|eslint|clippy|ruff)",
};
const verdict =
  "(?:pass(?:e[sd]|ing)?|succeed(?:s|ed)?|green|clean|(?:reports?|has|have|with|shows?) no (?:errors?|failures?|warnings?|complaints?))";
const patterns = Object.entries(subjects).map(([kind, subject]): [CheckKind, RegExp] => [
  kind as CheckKind,
  new RegExp(`\\b${subject}\\b[^.;:!?\\n]{0,40}?\\b${verdict}\\b`, "i"),
]);
/** A sentence with one of these words wishes, fears or denies. */
const unsure =
  /\b(not|no longer|never|cannot|n't|\w+n't|should|would|could|might|may|must|will|if|once|until|unless|when|whether|before|make sure|ensure|fail\w*|without running|not run)\b/i;

/** What it claims in so many words; prose counts only where the project has such a check (`said`). */
export function claimsOf({ status, claims = [], summary }: TaskResult): { declared: CheckKind[]; said: CheckKind[] } {
  if (status !== "done") return { declared: [], said: [] };
  const sentences = summary.split(/(?<=[.;!?])\s+|\n+/);
  const said = patterns.filter(([, pattern]) => sentences.some((sentence) => pattern.test(sentence) && !unsure.test(sentence)));
  return { declared: claims, said: said.map(([kind]) => kind).filter((kind) => !claims.includes(kind)) };
}

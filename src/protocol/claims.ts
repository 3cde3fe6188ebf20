// What a result says of the project's checks, so that it can be held against the runner's receipts (A11). Read from what
// an agent declares, and from its prose: that is where a model says that the tests pass.

import type { CheckKind, TaskResult } from "./agents.ts";

const verdict =
  "(?:pass(?:e[sd]|ing)?|succeed(?:s|ed)?|success(?:ful(?:ly)?)?|green|clean(?:ly)?|ok|okay|✅|✓|exit(?:s|ed)?(?: with)?(?: code| status)? 0)";
const gap = "[^.;!?\\n]{0,80}?";
const subjects: Record<CheckKind, string> = {
  test: "(?:tests?|specs?|(?:test )?suites?|test run|(?<!type.?)checks|pytest|everything|ci)",
  build: "(?:builds?|compilation|type.?check(?:s|ing)?|compiler|compiles|tsc)",
  lint: "(?:lint(?:ing|er|s)?|eslint|clippy|ruff)",
};
const forms = Object.entries(subjects).map(([kind, subject]): [CheckKind, RegExp[]] => [
  kind as CheckKind,
  [
    new RegExp(`(?<![\\w-])${subject}(?![\\w-])${gap}(?<!\\w)${verdict}(?!\\w)`, "i"),
    new RegExp(`(?<!\\w)pass(?:e[sd]|ing)? (?:all )?(?:of )?(?:the )?(?:\\w+ )?${subject}(?![\\w-])`, "i"),
    ...(kind === "test" ? [/\b\d+ ?(?:\/|of) ?\d+ (?:tests? )?pass/i, /^no (?:test )?failures/i, /\btests?\b.{0,20}\bcleanly\b/i] : []),
  ],
]);

/** No fault found is a good word. */
const faultless = /\b(?:0|zero|no|none|without(?: any)?) (?:fail(?:ures?|ed|ing)|errors?|warnings?|problems?|complaints?)\b/gi;
/** A clause that says one of these before its verdict wishes, fears or denies; with one of the others anywhere it depends. */
const unsure =
  /\b(?:not|no longer|never|cannot|\w+n't|should|would|could|might|may|must|will|make sure|ensure|before|fail\w*|whether|without)\b/i;
const depends = /\b(?:if|once|until|unless|when|whenever|after you)\b/i;

/** What it claims in so many words; prose counts only where the project has such a check (`said`). */
export function claimsOf({ status, claims = [], summary }: TaskResult): { declared: CheckKind[]; said: CheckKind[] } {
  if (status !== "done") return { declared: [], said: [] };
  const clauses = summary.split(/(?<=[.;!?])\s+|\n+/).filter((clause) => !depends.test(clause));
  const said = forms.filter(([, patterns]) => clauses.some((clause) => patterns.some((pattern) => isSure(clause, pattern))));
  return { declared: claims, said: said.map(([kind]) => kind).filter((kind) => !claims.includes(kind)) };
}

function isSure(clause: string, pattern: RegExp): boolean {
  return [clause, clause.replaceAll(faultless, "cleanly")].some((text) => {
    const found = pattern.exec(text);
    return found !== null && !unsure.test(text.slice(0, found.index + found[0].length).replace(/^no (?:test )?failures/i, ""));
  });
}

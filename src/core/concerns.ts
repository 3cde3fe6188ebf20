// What a person should know before a result is taken, and what therefore is never taken without one: work that the
// reviewers still fault, and changes to places that decide what runs later or who is trusted.

import type { FileChange } from "../protocol/events.ts";
import { describeProof, proofsOf } from "../protocol/proof.ts";
import { isTerminal, type SessionState } from "../protocol/state.ts";
import { isProse } from "./proportion.ts";
import type { Check } from "./workspacePort.ts";

const protectedPlace =
  /(^|\/)(\.git|\.gitattributes|\.gitmodules|\.vscode|\.idea|\.github|\.gitlab-ci\.yml|\.circleci|\.husky|\.agents|\.claude|\.cursor|\.mcp\.json|\.npmrc|\.envrc|\.env[^/]*|\.ssh)(\/|$)/i;

/** Reasons why the result waits for a person's word at every level. */
export function concernsOf(state: SessionState, files: FileChange[]): string[] {
  const places = files.filter((file) => protectedPlace.test(file.path) || file.link).map((file) => file.path);
  const faulted = faultedReviews(state);
  const earlier = state.carried ? ["it holds what an earlier run proposed and you have not answered"] : [];
  return [
    ...earlier,
    ...tooLate(state),
    ...faulted,
    ...proofsOf(state).flatMap((proof) => (proof.says === "failed" ? [describeProof(proof)] : [])),
    ...(places.length > 0 ? [`it changes places that decide what runs or who is trusted: ${places.join(", ")}`] : []),
  ];
}

/** Said when no agent had a turn left to hear it. */
function tooLate({ said = [], tasks }: SessionState): string[] {
  const heard = new Set(Object.values(tasks).flatMap((task) => task.heard ?? []));
  const lost = said.filter(({ messageId, by }) => !by && !heard.has(messageId)).map(({ text }) => `"${text.slice(0, 80)}"`);
  return lost.length > 0 ? [`no agent heard what you said: ${lost.join(", ")}`] : [];
}

/** Reviews whose last round still found the work below the mark. */
function faultedReviews({ run, tasks }: SessionState): string[] {
  const plan = run?.plan ?? [];
  const below = run?.workflow.review.below ?? 0;
  return plan
    .filter((step) => step.type === "review" && isTerminal(step.status) && !plan.some((other) => other.supersedes === step.id))
    .flatMap((step) => {
      const output = step.taskId && tasks[step.taskId]?.output;
      const score = output ? output.score : undefined;
      return score !== undefined && score < below ? [`the reviewers still find fault with it (${score.toFixed(2)}, below ${below})`] : [];
    });
}

/** What a project's checks say of changed code that nobody claims anything of: they fail, or nobody ran them on exactly this. */
export function doubtOf(state: SessionState, checks: Check[]): string | undefined {
  const { files = [], tree = "" } = state.landing ?? {};
  if (checks.length === 0 || files.every((file) => isProse(file.path))) return undefined;
  const { exitCode, command } = state.receipts.findLast((receipt) => receipt.tree === tree) ?? {};
  if (exitCode === undefined) return "the project's checks were not run on this change";
  return exitCode === 0 ? undefined : `${command} fails on this result`;
}

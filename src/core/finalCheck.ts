// The last check of a run: what its steps say of the project's checks is held against the receipts for exactly the tree
// that is handed over (A11). Edits after the last receipt make it stale; then the check runs once more, on the joined result.

import type { CheckKind } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { claimsOf } from "../protocol/claims.ts";
import { unreachable } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { firstAsked, isBegun, runCheckTask } from "./checkTask.ts";
import { ofKinds, ownChecks, requiredOf } from "./projectChecks.ts";
import { cleanlyProven, provenBy } from "./receipts.ts";
import { type Run, stateOf } from "./run.ts";
import type { Check } from "./workspacePort.ts";

export type CheckEnd =
  | { kind: "proven" }
  | { kind: "unproven"; reason: string }
  | { kind: "failed"; summary: string }
  | { kind: "parked"; reason: string };

/** Undefined where nobody claims anything; `answer` is what is said in the end. */
export async function finalCheck(run: Run, answer?: string): Promise<CheckEnd | undefined> {
  const { head, base, id, workspace } = stateOf(run);
  const checks = await ownChecks(run);
  const hasChanged = head !== undefined && head !== base;
  const said = answer === undefined ? [] : claimsOf({ status: "done", summary: answer }).said;
  const steps = claimedBy(stateOf(run), requiredOf(run, checks), hasChanged ? checks : []);
  const kinds = [...new Set([...steps, ...ofKinds(hasChanged ? checks : [], said).map(({ kind }) => kind)])];
  if (kinds.length === 0) return undefined;
  if (!hasChanged) {
    const before = base === undefined ? "" : await run.ports.workspace.treeOf(id, workspace, base);
    const isProven = kinds.every((kind) => provenBy(stateOf(run), before, kind));
    return isProven ? { kind: "proven" } : { kind: "unproven", reason: noReceipt(kinds) };
  }
  const tree = await run.ports.workspace.treeOf(id, workspace, head);
  // Who is asked for each command has seen what an agent ran; they are not asked for the same check twice.
  const isAsked = (await firstAsked(run, writerOf(stateOf(run)), ofKinds(checks, kinds))) !== undefined;
  const isProven = (kind: CheckKind): boolean =>
    isAsked ? provenBy(stateOf(run), tree, kind) !== undefined : cleanlyProven(stateOf(run), tree, kind);
  const lacking = (): CheckKind[] => kinds.filter((kind) => !isProven(kind));
  // What the answer adds may be another check than the one that ran for the steps.
  const key = `check:${head}${answer === undefined ? "" : ":answer"}`;
  if (!isBegun(run, key) && lacking().length === 0) return { kind: "proven" };
  const required = ofKinds([...checks, ...seen(stateOf(run))], lacking());
  if (required.length < lacking().length) return { kind: "unproven", reason: noReceipt(lacking()) };
  const end = await checkOnce(run, { key, head, required });
  if (end) return end;
  return lacking().length === 0 ? { kind: "proven" } : { kind: "unproven", reason: alteredCheck };
}

/** A task that may run commands, to know whether a check would be asked. */
function writerOf({ run, tasks }: SessionState): TaskId {
  const writer = Object.values(tasks).findLast(({ writable, base }) => writable && base !== undefined);
  return writer?.id ?? run!.rootTask;
}

/** Test steps stand for what the project requires; others for what they say. */
function claimedBy({ run, tasks }: SessionState, required: Check[], checks: Check[]): CheckKind[] {
  const done = (run?.plan ?? []).filter((step) => step.status === "done");
  const tested = done.some((step) => step.type === "test") ? ["test" as const, ...required.map(({ kind }) => kind)] : [];
  const claims = done.flatMap((step) => {
    const output = step.taskId && tasks[step.taskId]?.output;
    if (!output || step.type === "review" || step.type === "test") return [];
    const { declared, said } = claimsOf(output);
    return [...declared, ...ofKinds(checks, said).map(({ kind }) => kind)];
  });
  return [...new Set([...tested, ...claims])];
}

/** What an agent made a check of the project in this run. */
function seen({ receipts }: SessionState): Check[] {
  return receipts.map(({ kind, command }) => ({ kind, command }));
}

/** Undefined when the checks ran and passed. */
async function checkOnce(
  run: Run,
  { key, head, required }: { key: string; head: string; required: Check[] },
): Promise<CheckEnd | undefined> {
  const end = await runCheckTask(run, { key, goal: "Run the project's checks on the joined result", commit: head, required });
  switch (end.kind) {
    case "passed":
      return undefined;
    case "failed":
      return { kind: "failed", summary: end.result.summary };
    case "parked":
      return end;
    case "skipped":
      return { kind: "unproven", reason: end.reason };
    default:
      return unreachable(end);
  }
}

function noReceipt(kinds: CheckKind[]): string {
  return `a step says that it tested, and no passing run of the checks belongs to the result as it is now; does the project declare a ${kinds[0] ?? "test"} command?`;
}

const alteredCheck = "what the check does was changed by an agent, so its passing proves nothing; look at its definition in the changes";

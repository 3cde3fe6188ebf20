// Work that fits others' by its text may still break together with it: before such a join counts, the required checks run
// on both together. What fails there and passed without this work sends the work back; what failed before is not its fault.

import type { Commit, TaskId } from "../protocol/ids.ts";
import { type CheckTaskEnd, firstAsked, isBegun, runCheckTask } from "./checkTask.ts";
import { ownChecks, requiredOf } from "./projectChecks.ts";
import { cleanlyProven } from "./receipts.ts";
import { type Run, stateOf } from "./run.ts";
import type { Check } from "./workspacePort.ts";

export type JoinedCheck = { kind: "fits" } | { kind: "fails"; command: string; said: string } | { kind: "parked"; reason: string };

const fits: JoinedCheck = { kind: "fits" };
const longestSaid = 6_000;

/** `ours`: the session's result without the work of this task; `joined`: with it. */
export async function checkJoined(run: Run, taskId: TaskId, ours: Commit, joined: Commit): Promise<JoinedCheck> {
  const checks = requiredOf(run, await ownChecks(run));
  if (checks.length === 0 || (await isProven(run, joined, checks))) return fits;
  // While work is joined nobody is asked: all others who are done would wait for the answer.
  const asked = await firstAsked(run, taskId, checks);
  if (asked !== undefined) return unchecked(run, taskId, `"${asked}" is not allowed without asking`);
  const end = await checkAt(run, joined, checks);
  if (end.kind === "parked") return end;
  if (end.kind === "skipped") return unchecked(run, taskId, end.reason);
  if (end.kind === "passed") return fits;
  const before: CheckTaskEnd = (await isProven(run, ours, checks)) ? { kind: "passed" } : await checkAt(run, ours, checks);
  if (before.kind !== "passed") return before.kind === "parked" ? before : fits;
  const { summary, findings = [] } = end.result;
  const said = findings.map(({ message }) => message).join("\n") || summary;
  return { kind: "fails", command: checks.map(({ command }) => command).join(", "), said: said.slice(-longestSaid) };
}

/** A check that a process left in the middle is brought to its end, whatever its receipt says. */
async function isProven(run: Run, commit: Commit, checks: Check[]): Promise<boolean> {
  if (isBegun(run, keyOf(commit))) return false;
  const { id, workspace } = stateOf(run);
  const tree = await run.ports.workspace.treeOf(id, workspace, commit);
  return checks.every(({ kind }) => cleanlyProven(stateOf(run), tree, kind));
}

function keyOf(commit: Commit): string {
  return `joined:${commit}`;
}

async function checkAt(run: Run, commit: Commit, required: Check[]): Promise<CheckTaskEnd> {
  return runCheckTask(run, { key: keyOf(commit), goal: "Run the project's checks on work that was joined", commit, required });
}

function unchecked(run: Run, taskId: TaskId, reason: string): JoinedCheck {
  const statement = "The joined work was not checked";
  run.log.append({ type: "decision.recorded", actor: "orchestrator", taskId, payload: { statement, reason } });
  return fits;
}

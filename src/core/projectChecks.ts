// The project's own checks: which there are, which of them prove a result, and whether one still is what the user's own
// files say it is. An agent that rewrites `npm test` to `true` proves nothing by running it, and gets no permission by its name.

import { type CheckKind, checkKinds } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { rootOf } from "./place.ts";
import { type Run, stateOf } from "./run.ts";
import type { Check } from "./workspacePort.ts";

export async function checksIn(run: Run, root: string): Promise<Check[]> {
  return run.ports.workspace.checks(root, run.policy.workspace.checks);
}

/** As the user's files have them. */
export async function ownChecks(run: Run): Promise<Check[]> {
  return checksIn(run, stateOf(run).workspace);
}

/** Those that have to pass on a result: as the user says, else the first there is of test, build and lint. */
export function requiredOf({ policy }: Pick<Run, "policy">, checks: Check[]): Check[] {
  const [first] = checkKinds.flatMap((kind) => checks.find((check) => check.kind === kind) ?? []);
  const { required = first ? [first.kind] : [] } = policy.workspace;
  return ofKinds(checks, required);
}

/** One of each kind, in this order. */
export function ofKinds(checks: Check[], kinds: Iterable<CheckKind>): Check[] {
  return [...new Set(kinds)].flatMap((kind) => checks.find((check) => check.kind === kind) ?? []);
}

export async function isAltered(run: Run, taskId: TaskId, command: string): Promise<boolean> {
  const { workspace } = stateOf(run);
  const root = rootOf(run, taskId);
  if (root === workspace) return false;
  const [own, now] = await Promise.all([ownChecks(run), checksIn(run, root)]);
  const before = own.find((check) => check.command === command);
  const present = now.find((check) => check.command === command);
  if (before) return before.definition !== present?.definition;
  // Another command in the place of the user's own proves nothing of theirs.
  return present !== undefined && own.some((check) => check.kind === present.kind);
}

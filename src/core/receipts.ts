// Receipts (A11): what the runner knows of a check that ran, whoever asked for it. One names the tree that the check ran
// on, so that any edit after it makes it stale; what an agent says of a check is worth nothing beside it.

import type { CheckKind } from "../protocol/agents.ts";
import type { CallResult, EventDraft, Receipt } from "../protocol/events.ts";
import { contentHash } from "../protocol/hash.ts";
import type { ContentHash, TaskId } from "../protocol/ids.ts";
import type { SessionState } from "../protocol/state.ts";
import { commitPlace, folderOwner, inFolder, rootOf } from "./place.ts";
import { checksIn, isAltered } from "./projectChecks.ts";
import { type Run, stateOf, taskOf } from "./run.ts";

/** Asked before a command runs: where it is one of the project's checks, what makes a receipt of its outcome. */
export async function witness(
  run: Run,
  taskId: TaskId,
  { tool, arguments: args }: { tool: string; arguments: unknown },
): Promise<((result: CallResult) => EventDraft[]) | undefined> {
  const { command, cwd } = (args ?? {}) as { command?: unknown; cwd?: unknown };
  if (tool !== "shell__run" || typeof command !== "string" || (cwd !== undefined && cwd !== ".")) return undefined;
  const checks = await checksIn(run, rootOf(run, taskId));
  const check = checks.find((one) => one.command === command.trim());
  if (!check) return undefined;
  const tree = await treeNow(run, taskId);
  const isClean = taskOf(run, taskId).base !== undefined && !hasWorkers(run, taskId);
  const altered = (await isAltered(run, taskId, check.command)) ? { altered: true as const } : {};
  return (result) => {
    const { exitCode, durationMs = 0, outputHash } = (result.details ?? {}) as Outcome;
    if (exitCode === undefined) return [];
    const payload: Receipt = {
      receiptId: run.ports.ids.next("p"),
      kind: check.kind,
      command: check.command,
      exitCode,
      outputHash: outputHash ?? contentHash(result.content),
      tree,
      durationMs,
      ...(isClean ? { clean: true as const } : {}),
      ...altered,
    };
    return [{ type: "receipt.issued", actor: "runner", taskId, payload }];
  };
}

type Outcome = { exitCode?: number; durationMs?: number; outputHash?: ContentHash };

/** Whether an agent took turns in this folder. */
function hasWorkers(run: Run, owner: TaskId): boolean {
  return inFolder(run, owner).some(({ turns }) => turns > 0);
}

/** The tree of the nearest folder that the task works in. */
async function treeNow(run: Run, taskId: TaskId): Promise<string> {
  const { id, workspace } = stateOf(run);
  const owner = folderOwner(stateOf(run).tasks, taskId);
  if (owner === undefined) return "";
  const commit = await commitPlace(run, owner, taskOf(run, owner).base!, "before a check");
  return run.ports.workspace.treeOf(id, workspace, commit);
}

/** A check that passed on exactly this tree, of this kind where one is named. */
export function provenBy({ receipts }: Pick<SessionState, "receipts">, tree: string, kind?: CheckKind): Receipt | undefined {
  return receipts.findLast(
    (receipt) => receipt.tree === tree && receipt.exitCode === 0 && !receipt.altered && (kind === undefined || receipt.kind === kind),
  );
}

/** In a folder that holds nothing else: where an agent worked, what no tree holds may have helped the check to pass. */
export function cleanlyProven({ receipts }: Pick<SessionState, "receipts">, tree: string, kind: CheckKind): boolean {
  return provenBy({ receipts: receipts.filter(({ clean }) => clean) }, tree, kind) !== undefined;
}

// The project's own checks, run by code and never by a model's word: every run leaves a receipt (A11). Tests that the
// change lacks are written by a sub-agent first.

import type { AgentDefinition } from "../protocol/agents.ts";
import type { CallResult, Receipt } from "../protocol/events.ts";
import type { SessionState } from "../protocol/state.ts";
import { contentHash } from "../protocol/hash.ts";
import type { ContentHash, TaskId } from "../protocol/ids.ts";
import { callByCode } from "./codeCalls.ts";
import type { TaskInput } from "./context.ts";
import { isTestPath } from "./proportion.ts";
import { isAltered } from "./alteredChecks.ts";
import { rootOf } from "./place.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { runRouted } from "./routed.ts";
import type { TaskEnd } from "./taskEnd.ts";

const checkTimeoutMs = 600_000;

export async function runTesting(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  const input = taskOf(run, taskId).input as TaskInput;
  const before = await testCommand(run, taskId);
  const tested = input.type === "check" || (input.changed ?? []).some(isTestPath);
  let written = "";
  if (before === undefined || !tested) {
    const end = await runRouted(run, taskId, agent, signal);
    if (end.kind === "blocked" || end.result.status === "cancelled") return end;
    written = end.result.summary;
    if (end.result.status === "failed") return end;
  }
  const command = before ?? (await testCommand(run, taskId));
  if (command === undefined)
    return {
      kind: "result",
      result: { status: "done", summary: `${written}\nThe project declares no test command, so nothing was proven.`.trim() },
    };
  return asEnd(await runCheck(run, taskId, agent, command, signal), command, written);
}

async function testCommand(run: Run, taskId: TaskId): Promise<string | undefined> {
  const checks = await run.ports.workspace.checks(rootOf(run, taskId));
  return checks.find((check) => check.kind === "test")?.command;
}

function asEnd(result: CallResult, command: string, written: string): TaskEnd {
  if (!result.ok && result.code === "blocked") return { kind: "blocked", reason: result.content };
  if (!result.ok && result.code === "denied")
    return { kind: "result", result: { status: "failed", summary: `${command} was not run. ${result.content}` } };
  if (!result.ok && (result.code === "cancelled" || result.code === "unknown"))
    return { kind: "result", result: { status: "cancelled", summary: result.content } };
  const verdict = result.ok ? `${command} passed.` : `${command} failed.`;
  const findings = result.ok ? [] : [{ severity: "high" as const, message: `${verdict}\n${result.content.slice(-6_000)}` }];
  const summary = [written, verdict].filter(Boolean).join("\n");
  return {
    kind: "result",
    result: { status: result.ok ? "done" : "failed", summary, findings, data: { check: result.ok ? "passed" : "failed" } },
  };
}

/** Runs one check in the task's folder and issues the receipt for exactly the tree that it ran on. */
export async function runCheck(
  run: Run,
  taskId: TaskId,
  agent: AgentDefinition,
  command: string,
  signal: AbortSignal,
): Promise<CallResult> {
  const tree = await treeNow(run, taskId);
  const result = await callByCode(run, taskId, agent, "shell__run", { command, timeoutMs: checkTimeoutMs }, signal);
  const details = (result.details ?? {}) as { exitCode?: number; durationMs?: number; outputHash?: ContentHash };
  if (details.exitCode === undefined) return result;
  const receipt: Receipt = {
    receiptId: run.ports.ids.next("p"),
    kind: "test",
    command,
    exitCode: details.exitCode,
    outputHash: details.outputHash ?? contentHash(result.content),
    tree,
    durationMs: details.durationMs ?? 0,
    ...((await isAltered(run, taskId, command)) ? { altered: true as const } : {}),
  };
  if (!stateOf(run).receipts.some((known) => sameRun(known, receipt)))
    run.log.append({ type: "receipt.issued", actor: "runner", taskId, payload: receipt });
  return result;
}

/** One run has one receipt, also where a process ended just after it was issued. */
function sameRun(a: Receipt, b: Receipt): boolean {
  return a.tree === b.tree && a.command === b.command && a.exitCode === b.exitCode && a.outputHash === b.outputHash;
}

/** A candidate's evidence: the project's tests, run in its own folder. Its outcome is for whoever compares. */
export async function checkCandidate(run: Run, taskId: TaskId, signal: AbortSignal): Promise<void> {
  const command = await testCommand(run, taskId);
  const agent = run.ports.registry.agent("testing");
  if (command !== undefined && agent) await runCheck(run, taskId, agent, command, signal);
}

/** The tree of the nearest folder that the task works in. */
async function treeNow(run: Run, taskId: TaskId): Promise<string> {
  const state = stateOf(run);
  let task = taskOf(run, taskId);
  while (task.base === undefined && task.parentId !== undefined) task = taskOf(run, task.parentId);
  const { id, workspace } = state;
  if (task.base === undefined) return "";
  const commit = await run.ports.workspace.commitWorktree(id, workspace, task.id, task.base, "before a check");
  return run.ports.workspace.treeOf(id, workspace, commit);
}

/** Whether a test that passed on exactly this tree is on record. */
export function provenBy(state: SessionState, tree: string): Receipt | undefined {
  return state.receipts.findLast((receipt) => receipt.tree === tree && receipt.exitCode === 0 && !receipt.altered);
}

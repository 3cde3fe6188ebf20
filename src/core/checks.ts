// The project's own checks, run by code and never by a model's word: every run leaves a receipt (A11, receipts.ts). Tests
// that the change lacks are written by a sub-agent first.

import type { AgentDefinition } from "../protocol/agents.ts";
import type { CallResult } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { callByCode } from "./codeCalls.ts";
import type { TaskInput } from "./context.ts";
import { rootOf } from "./place.ts";
import { checksIn, ofKinds } from "./projectChecks.ts";
import { isTestPath } from "./proportion.ts";
import { type Run, taskOf } from "./run.ts";
import { runRouted } from "./routed.ts";
import type { TaskEnd } from "./taskEnd.ts";
import type { Check } from "./workspacePort.ts";

const checkTimeoutMs = 600_000;

export async function runTesting(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  const input = taskOf(run, taskId).input as TaskInput;
  const before = await wantedChecks(run, taskId);
  const hasTest = before.some(({ kind }) => kind === "test");
  const isWritten = input.type === "check" || (hasTest && (input.changed ?? []).some(isTestPath));
  let written = "";
  if (!isWritten) {
    const end = await runRouted(run, taskId, agent, signal);
    if (end.kind === "blocked" || end.result.status === "cancelled") return end;
    written = end.result.summary;
    if (end.result.status === "failed") return end;
  }
  const wanted = hasTest ? before : await wantedChecks(run, taskId);
  if (wanted.length === 0)
    return {
      kind: "result",
      result: { status: "done", summary: `${written}\nThe project declares no test command, so nothing was proven.`.trim() },
    };
  return runChecks(run, taskId, agent, { wanted, written }, signal);
}

/** Until one does not pass. */
async function runChecks(
  run: Run,
  taskId: TaskId,
  agent: AgentDefinition,
  { wanted, written }: { wanted: Check[]; written: string },
  signal: AbortSignal,
): Promise<TaskEnd> {
  const said = [written].filter(Boolean);
  for (const { command } of wanted) {
    const end = endOf(await runCheck(run, taskId, agent, command, signal), command);
    if (end.kind === "blocked" || end.result.status === "cancelled") return end;
    said.push(end.result.summary);
    if (end.result.status === "failed") return { kind: "result", result: { ...end.result, summary: said.join("\n") } };
  }
  return { kind: "result", result: { status: "done", summary: said.join("\n"), findings: [], data: { check: "passed" } } };
}

/** A test step needs tests; what else has to pass is the task's to say. */
async function wantedChecks(run: Run, taskId: TaskId): Promise<Check[]> {
  const { type, required = [] } = taskOf(run, taskId).input as TaskInput;
  return ofKinds(await checksIn(run, rootOf(run, taskId)), type === "check" ? required : [...required, "test"]);
}

function endOf(result: CallResult, command: string): TaskEnd {
  if (!result.ok && result.code === "blocked") return { kind: "blocked", reason: result.content };
  if (!result.ok && result.code === "denied")
    return { kind: "result", result: { status: "failed", summary: `${command} was not run. ${result.content}` } };
  if (!result.ok && (result.code === "cancelled" || result.code === "unknown"))
    return { kind: "result", result: { status: "cancelled", summary: result.content } };
  const summary = result.ok ? `${command} passed.` : `${command} failed.`;
  const findings = result.ok ? [] : [{ severity: "high" as const, message: `${summary}\n${result.content.slice(-6_000)}` }];
  return {
    kind: "result",
    result: { status: result.ok ? "done" : "failed", summary, findings, data: { check: result.ok ? "passed" : "failed" } },
  };
}

async function runCheck(run: Run, taskId: TaskId, agent: AgentDefinition, command: string, signal: AbortSignal): Promise<CallResult> {
  return callByCode(run, taskId, agent, "shell__run", { command, timeoutMs: checkTimeoutMs }, signal);
}

/** A candidate's evidence: the project's tests, run in its own folder. Its outcome is for whoever compares. */
export async function checkCandidate(run: Run, taskId: TaskId, signal: AbortSignal): Promise<void> {
  const [test] = ofKinds(await checksIn(run, rootOf(run, taskId)), ["test"]);
  const agent = run.ports.registry.agent("testing");
  if (test && agent) await runCheck(run, taskId, agent, test.command, signal);
}

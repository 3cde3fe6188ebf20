// The required checks as a task of their own, in a folder that holds exactly what is to be proven. Found again by its key.

import type { TaskResult } from "../protocol/agents.ts";
import type { Commit, TaskId } from "../protocol/ids.ts";
import { isTerminal } from "../protocol/state.ts";
import { decideCall } from "./calls.ts";
import { allowedTools } from "./ceiling.ts";
import { type ChildSpec, findChild, runChild } from "./children.ts";
import { noControl } from "./codeCalls.ts";
import { closePlace, openPlace } from "./place.ts";
import { ownChecks } from "./projectChecks.ts";
import { agentOf, type Run, stateOf } from "./run.ts";
import type { Check } from "./workspacePort.ts";

export type CheckTaskEnd =
  | { kind: "passed" }
  | { kind: "failed"; result: TaskResult }
  /** It waits for a person, or was stopped, and goes on when asked again. */
  | { kind: "parked"; reason: string }
  /** It could not begin. */
  | { kind: "skipped"; reason: string };

type What = { key: string; goal: string; commit: Commit; required: Check[] };

export function isBegun(run: Run, key: string): boolean {
  const known = findChild(run, stateOf(run).run!.rootTask, key);
  return known !== undefined && !isTerminal(known.status);
}

export async function runCheckTask(run: Run, { key, goal, commit, required }: What): Promise<CheckTaskEnd> {
  const { rootTask } = stateOf(run).run!;
  const agent = agentOf(run, "testing");
  if (!agent) return { kind: "skipped", reason: 'there is no enabled agent "testing"' };
  const known = findChild(run, rootTask, key);
  const taskId = known?.id ?? run.ports.ids.next("t");
  const checks = (await ownChecks(run)).map(({ command }) => command);
  const spec: ChildSpec = {
    key,
    agent,
    goal,
    input: { type: "check", checks, required: required.map(({ kind }) => kind) },
    kind: "collaborate",
    writable: true,
    siblings: 1,
    taskId,
    place: await openPlace(run, taskId, known?.base ?? commit),
  };
  const end = await runChild(run, rootTask, spec, run.signal);
  const begun = stateOf(run).tasks[taskId] !== undefined;
  if (end.kind === "blocked") return { kind: begun ? "parked" : "skipped", reason: end.reason };
  if (end.result.status === "cancelled" && run.signal.aborted) return { kind: "parked", reason: end.result.summary };
  await closePlace(run, taskId);
  return end.result.status === "done" ? { kind: "passed" } : { kind: "failed", result: end.result };
}

/** The first of the checks that would be put to a person. */
export async function firstAsked(run: Run, taskId: TaskId, checks: Check[]): Promise<string | undefined> {
  const agent = agentOf(run, "testing");
  if (!agent) return undefined;
  const context = { run, taskId, agent, tools: allowedTools(run, taskId, agent), control: () => noControl };
  for (const { command } of checks) {
    const { decision } = await decideCall(context, { callId: run.ports.ids.next("c"), tool: "shell__run", arguments: { command } });
    if (decision.decision !== "allow") return command;
  }
  return undefined;
}

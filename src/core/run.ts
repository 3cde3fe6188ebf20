// What every part of a running session needs: its log, its ports, its controllers and its waiting questions.
// Owns no decision.

import type { AgentDefinition, Level } from "../protocol/agents.ts";
import type { ApprovalId, CallId, InterruptId, TaskId } from "../protocol/ids.ts";
import type { SessionState, TaskState } from "../protocol/state.ts";
import type { Decision } from "./guard.ts";
import type { Ports, ToolSpec, WorkDelta } from "./ports.ts";
import { levelUnder, type Policy } from "./policy.ts";
import type { SessionLog } from "./sessionLog.ts";
import type { Taping } from "./tape.ts";
import type { Slots } from "./slots.ts";
import { linked, type Stop } from "./stop.ts";

export type Run = {
  ports: Ports;
  log: SessionLog;
  /** Somebody is there to answer; otherwise an ask blocks its task and the run ends as waiting. */
  attended: boolean;
  tools: Map<string, ToolSpec>;
  /** As its files were when the run began. */
  policy: Policy;
  controllers: Map<TaskId, AbortController>;
  answers: Map<ApprovalId | InterruptId, () => void>;
  onDelta: (taskId: TaskId, agent: string, delta: WorkDelta) => void;
  /** Serialises merges: results of parallel work join one after another. */
  mergeQueue: Promise<unknown>;
  /** How many agents may ask a model at once. */
  slots: Slots;
  signal: AbortSignal;
  /** How what comes from outside reaches the run. */
  arrive: Taping["arrive"];
  /** Told of each decision about a call; `under` says what it would be under another policy. */
  reconsider?: (
    call: { callId: CallId; taskId: TaskId; tool: string; arguments: unknown },
    decision: Decision,
    under: (policy: Policy) => Decision,
  ) => void;
  /** Waited for by whoever begins a task that was handed over. */
  begun: Taping["begun"];
};

/** What may be used at most, whatever the session says. */
export function levelOf(run: Run): Level {
  return levelUnder(run.policy, stateOf(run).config.level);
}

export function stateOf(run: Run): SessionState {
  return run.log.state;
}

export function taskOf(run: Run, taskId: TaskId): TaskState {
  const task = run.log.state.tasks[taskId];
  if (!task) throw new Error(`no task ${taskId} in session ${run.log.sessionId}`);
  return task;
}

export function agentOf(run: Run, id: string): AgentDefinition | undefined {
  const agent = run.ports.registry.agent(id);
  return agent && agent.enabled !== false ? agent : undefined;
}

/** Runs `work` under a controller of the task's own, so that the task can be stopped with all that is below it. */
export async function underController<T>(
  run: Run,
  taskId: TaskId,
  parent: AbortSignal,
  minutes: number | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { controller, release } = linked(parent);
  const deadline = new AbortController();
  run.controllers.set(taskId, controller);
  if (minutes !== undefined) {
    const stop: Stop = { code: "timeout", message: `the task took longer than its ${minutes} minutes` };
    void run.ports.clock.sleep(minutes * 60_000, deadline.signal).then(() => deadline.signal.aborted || controller.abort(stop));
  }
  try {
    return await work(controller.signal);
  } finally {
    deadline.abort();
    release();
    run.controllers.delete(taskId);
  }
}

/** Waits in line: one holder at a time, in order of arrival. */
export async function inMergeQueue<T>(run: Run, work: () => Promise<T>): Promise<T> {
  const before = run.mergeQueue;
  const mine = before.then(work, work);
  run.mergeQueue = mine.catch(() => undefined);
  return mine;
}

/** What to do when these amounts are used up: what a policy file holds is not raised by a resume. */
export function wayToMore(run: Run, amounts: ("usd" | "tokens" | "turns")[]): string {
  const { budget } = stateOf(run).config;
  const isHeld = amounts.some((amount) => run.policy.budgets[amount] === budget[amount]);
  return isHeld ? "a policy file allows no more; see: ao policy show" : "raise it: ao resume SESSION --budget-usd N";
}

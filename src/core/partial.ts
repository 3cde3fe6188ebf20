// What there is of work that was stopped before its end: said as partial, with what was done, the newest words of those
// who were still at it, and what it cost. Nothing that was paid for is passed over in silence.

import type { TaskId } from "../protocol/ids.ts";
import { isTerminal, type SessionState, type TaskState } from "../protocol/state.ts";
import { addToTranscript, emptyTranscript, lastAssistant, textOf } from "../protocol/transcript.ts";
import { inWords, spentBy } from "./budget.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { outcomeOf } from "./stepInput.ts";
import type { TaskEnd } from "./taskEnd.ts";

const longestWords = 600;
const mostTasks = 8;

/** The result of a run that ends before its plan does; empty where there is none yet. */
export async function partialResult(run: Run): Promise<string> {
  const state = stateOf(run);
  const { plan = [], rootTask } = state.run!;
  const done = plan.filter((step) => step.status === "done");
  const left = plan.filter((step) => step.status !== "done" && step.status !== "skipped");
  const said = await Promise.all(atWork(state).map((task) => wordsOf(run, task)));
  const parts = [...done.map((step) => outcomeOf(state, step)), ...said].filter(Boolean);
  const root = state.tasks[rootTask];
  if (parts.length === 0 || !root) return "";
  return [
    `Partial result: ${done.length} of ${plan.length} ${plan.length === 1 ? "step" : "steps"} done.`,
    ...parts,
    ...(left.length > 0 ? [`Not done: ${left.map((step) => `${step.id} (${firstLine(step.goal)})`).join("; ")}.`] : []),
    `Spent: ${inWords(spentBy(state, root), !state.costUnknown)}.`,
  ].join("\n\n");
}

/** Those of this run who took turns of their own and had not come to an end by themselves. */
function atWork({ tasks, run }: SessionState): TaskState[] {
  const ofThisRun = (task: TaskState | undefined): boolean =>
    task !== undefined && (task.id === run?.rootTask || (task.parentId !== undefined && ofThisRun(tasks[task.parentId])));
  return Object.values(tasks)
    .filter((task) => task.turns > 0 && (!isTerminal(task.status) || task.status === "cancelled") && ofThisRun(task))
    .slice(-mostTasks);
}

async function wordsOf(run: Run, { id, assignedAgent, goal }: TaskState): Promise<string> {
  const words = await lastWords(run, id);
  return words === undefined ? "" : `${assignedAgent ?? "An agent"}, unfinished (${firstLine(goal)}): ${words}`;
}

function firstLine(text: string): string {
  return text.split("\n")[0]!.slice(0, 100);
}

async function lastWords(run: Run, taskId: TaskId): Promise<string | undefined> {
  const { output } = taskOf(run, taskId);
  if (output && output.status !== "cancelled") return output.summary;
  await run.log.durable();
  const transcript = emptyTranscript();
  for (const event of await run.ports.store.read(run.log.sessionId, { taskId })) addToTranscript(transcript, event);
  const last = lastAssistant(transcript);
  const words = last ? textOf(last.content).trim() : "";
  if (words === "") return undefined;
  return words.length > longestWords ? `${words.slice(0, longestWords)} …` : words;
}

/** A task that is stopped by itself (its own minutes, a person's word) tells its parent how far it came. */
export async function withPartial(run: Run, taskId: TaskId, end: TaskEnd, signal: AbortSignal): Promise<TaskEnd> {
  if (!signal.aborted || run.signal.aborted || end.kind !== "result" || end.result.status === "done") return end;
  const words = await lastWords(run, taskId);
  const spent = inWords(spentBy(stateOf(run), taskOf(run, taskId)));
  const summary = [`${end.result.summary} (spent: ${spent})`, ...(words === undefined ? [] : [`Partial, its newest words: ${words}`])].join(
    "\n",
  );
  return { kind: "result", result: { ...end.result, summary } };
}

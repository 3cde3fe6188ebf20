// An agent at work: turn after turn until it hands in a result, is stopped, or has to wait for a person.
// The conversation follows from the task's events alone, so that a loop cut off anywhere goes on where it was.

import type { AgentDefinition, TaskResult } from "../protocol/agents.ts";
import type { EventDraft, TraceEvent, TurnStop } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { TaskId } from "../protocol/ids.ts";
import { noUsage } from "../protocol/state.ts";
import { lastAssistant, openCalls, textOf, type Transcript } from "../protocol/transcript.ts";
import { type CallContext, type CallEnd, type DecidedCall, decideCalls, openingEvents, runCalls, settleOpenCalls } from "./calls.ts";
import { rootOf } from "./place.ts";
import { allowedTools } from "./ceiling.ts";
import { makeRoom, type Seat, seenBy, windowOf } from "./compaction.ts";
import { briefOf, createContext, imagesFor, systemPrompt, text } from "./context.ts";
import { briefShare } from "./contextWindow.ts";
import { createControl } from "./control.ts";
import { modelFor } from "./routing.ts";
import { type Run, stateOf, taskOf } from "./run.ts";
import { resultsSections } from "./stepInput.ts";
import { failedEnd, stoppedEnd, type TaskEnd } from "./taskEnd.ts";
import { hear, unheard } from "./steer.ts";
import { askModel, budgetStop, type TurnAnswer } from "./turn.ts";

const defaultMaxTokens = 16_000;
/** Of an agent whose blueprint says nothing: what its budget allows ends it before. */
const mostTurns = 2_000;
const mostNudges = 3;
const sameCallLimit = 3;
const loopWindow = 12;

type Loop = Seat & {
  calls: CallContext;
  /** Set by `agents__submit_result` and `agents__submit_plan`. */
  handedIn: { result?: TaskResult };
  /** What it had handed in when it heard a person say more: it counts unless it hands in another. */
  earlier?: TaskResult;
  nudges: number;
  /** The newest calls with their results, since something last changed. */
  newest: { key: string; content: string }[];
  /** What the model said when its window was too small, and how much had been set aside by then. */
  refused?: { reason: string; compactions: number };
};

export async function runAgent(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  const loop = await openLoop(run, taskId, agent);
  const unobserve = run.log.observe((event) => event.taskId === taskId && loop.context.take(event));
  try {
    const settled = await settle(loop, signal);
    return settled ?? (await turns(loop, signal));
  } finally {
    unobserve();
  }
}

async function openLoop(run: Run, taskId: TaskId, agent: AgentDefinition): Promise<Loop> {
  await run.log.durable();
  const { store, workspace } = run.ports;
  const task = taskOf(run, taskId);
  const history: TraceEvent[] = await store.read(run.log.sessionId, { taskId });
  const tools = allowedTools(run, taskId, agent);
  const handedIn: Loop["handedIn"] = task.output && task.output.status !== "cancelled" ? { result: task.output } : {};
  const control: CallContext["control"] = (callId, signal) => createControl({ run, taskId, agent, callId, signal, handedIn });
  const rules = await workspace.rules(rootOf(run, taskId));
  const results = task.parentId === undefined ? await resultsSections(run) : [];
  const step = stateOf(run).run?.plan?.find((one) => one.id === stepIdOf(run, taskId));
  const model = modelFor(stateOf(run).config, step, agent);
  const brief = await briefOf(store, task, results, windowOf(run, model) * briefShare);
  const images = await imagesFor(store, task, stateOf(run).run?.images);
  const context = createContext({ system: systemPrompt(agent, rules), rules, brief, images, tools, history });
  return {
    run,
    taskId,
    agent,
    calls: { run, taskId, agent, tools, control },
    context,
    model,
    maxTokens: agent.max_tokens ?? defaultMaxTokens,
    handedIn,
    nudges: 0,
    newest: [],
  };
}

/** The plan step that a task, or one of those above it, belongs to. */
function stepIdOf(run: Run, taskId: TaskId): string | undefined {
  const { tasks } = stateOf(run);
  let task = tasks[taskId];
  while (task && task.stepId === undefined && task.parentId !== undefined) task = tasks[task.parentId];
  return task?.stepId;
}

/** What an earlier process left open in this task's newest turn. */
async function settle(loop: Loop, signal: AbortSignal): Promise<TaskEnd | undefined> {
  const { transcript } = loop.context;
  if (transcript.openTurn) endLostTurn(loop, transcript.openTurn);
  const open = openCalls(transcript);
  if (open.length > 0) return afterCalls(loop, await settleOpenCalls(loop.calls, open, lastAssistant(transcript)?.turnId, signal), []);
  const last = transcript.entries.at(-1);
  // What was heard last may not have been seen by the model.
  if (loop.handedIn.result && !mustHear(loop) && last?.role !== "user") return { kind: "result", result: loop.handedIn.result };
  if (last?.role !== "assistant" || last.calls.length > 0) return undefined;
  return withoutCalls(loop, transcript.stop ?? "end", textOf(last.content));
}

/** The model may have answered a process that is gone; what that cost is not known. */
function endLostTurn({ run, taskId, agent, model }: Loop, { turnId, purpose }: NonNullable<Transcript["openTurn"]>): void {
  const error = { code: "interrupted", message: "the program ended while the model was answering" };
  const about = purpose ? { error, purpose } : { error };
  const payload = { turnId, model, stop: "failed" as const, usage: noUsage, costUsd: null, durationMs: 0, ...about };
  run.log.append({ type: "turn.ended", actor: agent.id, taskId, payload });
}

async function turns(loop: Loop, signal: AbortSignal): Promise<TaskEnd> {
  const most = loop.agent.limits?.turns ?? mostTurns;
  for (let turn = loop.context.transcript.turns; ; turn++) {
    if (signal.aborted) return stoppedEnd(signal);
    if (turn >= most) return failedEnd(`stopped after ${most} turns without a result`);
    const answer = await nextTurn(loop, signal);
    const end = "outcome" in answer ? await takeAnswer(loop, answer, signal) : answer;
    if (end) return end;
  }
}

/** No more agents at once than the budget says ask a model; the others wait for their turn. */
async function nextTurn(loop: Loop, signal: AbortSignal): Promise<TurnAnswer | TaskEnd> {
  const { run, taskId, agent, model, context, maxTokens } = loop;
  const release = await run.slots.take(signal);
  if (!release) return stoppedEnd(signal);
  try {
    await makeRoom(loop, signal);
    if (signal.aborted) return stoppedEnd(signal);
    const { refused } = loop;
    if (refused?.compactions === context.transcript.compactions) return { kind: "blocked", reason: refused.reason };
    const stop = budgetStop(run, taskId, { model, tokens: context.account.tokens });
    if (stop) return { kind: "blocked", reason: stop.message };
    if (hear(run, taskId)) setAside(loop);
    return await askModel(run, { taskId, agent, model, seen: seenBy(loop), maxTokens }, signal);
  } finally {
    release();
  }
}

async function takeAnswer(loop: Loop, answer: TurnAnswer, signal: AbortSignal): Promise<TaskEnd | undefined> {
  const { outcome, turnId } = answer;
  if (outcome.kind !== "answer") {
    endTurn(loop, answer, []);
    if (outcome.kind === "failed" && outcome.code === "too_long") {
      loop.refused = { reason: outcome.message, compactions: loop.context.transcript.compactions };
      return undefined;
    }
    return outcome.kind === "cancelled" ? stoppedEnd(signal) : { kind: "blocked", reason: outcome.message };
  }
  const asked = outcome.stop === "refusal" ? [] : outcome.calls;
  const calls = await decideCalls(loop.calls, asked, turnId);
  endTurn(loop, answer, calls);
  if (calls.length > 0) loop.nudges = 0;
  if (calls.length === 0) return withoutCalls(loop, outcome.stop, textOf(outcome.content));
  return afterCalls(loop, await runCalls(loop.calls, calls, signal), calls);
}

/** The turn's end, what it said and the calls that it opens are recorded together. */
function endTurn(loop: Loop, { turnId, outcome, durationMs }: TurnAnswer, calls: DecidedCall[]): void {
  const { agent, taskId, run } = loop;
  const about = { actor: agent.id, taskId };
  const stop = outcome.kind === "answer" ? outcome.stop : outcome.kind;
  const error = outcome.kind === "failed" ? { error: { code: outcome.code, message: outcome.message } } : {};
  const model = outcome.kind === "answer" ? outcome.model : loop.model;
  const { usage, costUsd } = outcome;
  const said: EventDraft[] = [{ type: "turn.ended", ...about, payload: { turnId, model, stop, usage, costUsd, durationMs, ...error } }];
  if (outcome.kind === "answer" && outcome.content.length > 0)
    said.push({ type: "message", ...about, payload: { role: "assistant", content: outcome.content, turnId } });
  run.log.append(...said, ...openingEvents(loop.calls, calls));
}

async function withoutCalls(loop: Loop, stop: TurnStop, words: string): Promise<TaskEnd | undefined> {
  const said = words.trim();
  if (stop === "refusal") return failedEnd(said || "the model refused this task");
  if (stop === "length") return nudge(loop, "Your answer was cut off at the length limit. Go on where you stopped, in smaller parts.");
  if (said === "") return nudge(loop, "Your answer was empty. Go on with the task, or hand in your result.");
  return finish(loop, said);
}

/** Ends with what was said, unless this agent owes more than words. */
async function finish(loop: Loop, said: string): Promise<TaskEnd | undefined> {
  const { agent, taskId, run } = loop;
  const owes = owedBy(loop);
  if (owes && loop.nudges < mostNudges) {
    await nudge(loop, owes);
    return turns(loop, run.controllers.get(taskId)?.signal ?? run.signal);
  }
  if (owes) return failedEnd(`${agent.id} ended without what it owes: ${owes}`);
  if (mustHear(loop)) return undefined;
  return { kind: "result", result: loop.handedIn.result ?? withWords(loop.earlier, said) };
}

/** What people said. A plan that was handed in stands; whoever works by it hears what was said meanwhile. */
function mustHear({ run, taskId }: Loop): boolean {
  const { type } = taskOf(run, taskId).input as { type?: string };
  return type !== "plan" && unheard(run, taskId).some(({ by }) => !by);
}

/** Work may go on after a result that answered less than was said by now. */
function setAside(loop: Loop): void {
  if (loop.handedIn.result) loop.earlier = loop.handedIn.result;
  delete loop.handedIn.result;
}

function withWords(earlier: TaskResult | undefined, said: string): TaskResult {
  return earlier ? { ...earlier, summary: `${earlier.summary}\n\n${said}` } : { status: "done", summary: said };
}

function owedBy({ agent, run, taskId, handedIn, earlier }: Loop): string | undefined {
  if (handedIn.result ?? earlier) return undefined;
  const { type } = taskOf(run, taskId).input as { type?: string };
  if (type === "plan" && !stateOf(run).run?.plan) return "Hand in the plan with agents__submit_plan.";
  return type === "review"
    ? `Hand in your review with agents__submit_result: a score from 0 to 1 and your findings (${agent.id}).`
    : undefined;
}

async function nudge(loop: Loop, words: string): Promise<undefined | TaskEnd> {
  if (loop.nudges >= mostNudges) return failedEnd("the model gave no usable answer, repeatedly");
  loop.nudges += 1;
  loop.run.log.append({ type: "message", actor: "orchestrator", taskId: loop.taskId, payload: { role: "user", content: text(words) } });
  await loop.run.log.durable();
  return undefined;
}

function afterCalls(loop: Loop, ends: CallEnd[], calls: DecidedCall[]): TaskEnd | undefined {
  const blocked = ends.find((end) => "blocked" in end);
  if (blocked && "blocked" in blocked) return { kind: "blocked", reason: blocked.blocked };
  if (loop.handedIn.result && !mustHear(loop)) return { kind: "result", result: loop.handedIn.result };
  const changed = calls.some((call) => changesThings(call, ends));
  for (const end of ends) if ("result" in end && repeated(loop, calls, end)) return repeatedTooOften(loop, calls, end);
  if (changed) loop.newest = [];
  return undefined;
}

/** A call that wrote or ran something with success: what was read before may be worth reading again. */
function changesThings({ callId, spec }: DecidedCall, ends: CallEnd[]): boolean {
  const end = ends.find((one) => one.callId === callId);
  const effect = spec?.access.effect;
  return (effect === "write" || effect === "execute") && end !== undefined && "result" in end && end.result.ok;
}

/** The same call with the same result, three times among the newest few and nothing changed between, is a loop. */
function repeated(loop: Loop, calls: DecidedCall[], end: Extract<CallEnd, { result: unknown }>): boolean {
  const call = calls.find((one) => one.callId === end.callId);
  if (!call) return false;
  const key = `${call.tool} ${canonicalJson(call.arguments)}`;
  const { content } = end.result;
  const newest = [...loop.newest, { key, content }].slice(-loopWindow);
  loop.newest = newest;
  return newest.filter((one) => one.key === key && one.content === content).length >= sameCallLimit;
}

function repeatedTooOften(loop: Loop, calls: DecidedCall[], end: CallEnd): TaskEnd {
  const tool = calls.find((one) => one.callId === end.callId)?.tool ?? "a tool";
  const message = `stopped: ${tool} was called ${sameCallLimit} times with the same arguments and the same result`;
  loop.run.log.append({ type: "error", actor: "orchestrator", taskId: loop.taskId, payload: { code: "loop", message, where: tool } });
  return failedEnd(message);
}

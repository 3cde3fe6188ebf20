// Tool calls that code makes for a task, without a turn: the same guard, the same record, the same tools (A4).

import type { AgentDefinition } from "../protocol/agents.ts";
import { type CallResult, isKnown } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { TaskId } from "../protocol/ids.ts";
import type { TranscriptCall } from "../protocol/transcript.ts";
import { allowedTools } from "./ceiling.ts";
import { type CallContext, type CallEnd, decideCalls, openingEvents, runCalls, settleOpenCalls } from "./calls.ts";
import type { TaskControl } from "./ports.ts";
import type { Run } from "./run.ts";
import type { StopCode } from "./stop.ts";

/**
 * One call to its end. `code: "blocked"` where a person has to answer first. A task makes the same call by code once:
 * gone on with, it takes the result that is on record, or settles the call that was left open.
 */
export async function callByCode(
  run: Run,
  taskId: TaskId,
  agent: AgentDefinition,
  tool: string,
  args: unknown,
  signal: AbortSignal,
): Promise<CallResult> {
  const context: CallContext = { run, taskId, agent, tools: allowedTools(run, taskId, agent), control: () => noControl };
  const earlier = await earlierCall(run, taskId, tool, args);
  if (earlier?.result && !cutOff.has(earlier.result.ok ? "" : earlier.result.code)) return earlier.result;
  const [settled] = earlier && !earlier.result ? await settleOpenCalls(context, [earlier], undefined, signal) : [];
  return settled ? resultOf(settled) : newCall(context, tool, args, signal);
}

async function newCall(context: CallContext, tool: string, args: unknown, signal: AbortSignal): Promise<CallResult> {
  const calls = await decideCalls(context, [{ tool, arguments: args }], undefined);
  context.run.log.append(...openingEvents(context, calls));
  const [end] = await runCalls(context, calls, signal);
  if (!end) throw new Error(`the call of ${tool} had no end`);
  return resultOf(end);
}

function resultOf(end: CallEnd): CallResult {
  return "blocked" in end ? { ok: false, code: "blocked", content: end.blocked } : end.result;
}

/** Results that say nothing of the call itself: it was stopped, or nobody knows. */
const cutOff = new Set<string>(["unknown", "cancelled", "timeout", "budget", "session_timeout", "closed", "not_recorded"] satisfies (
  | StopCode
  | "unknown"
)[]);

/** The newest call of this kind that code made for this task, in whatever process. */
async function earlierCall(run: Run, taskId: TaskId, tool: string, args: unknown): Promise<TranscriptCall | undefined> {
  await run.log.durable();
  const wanted = canonicalJson(args);
  let found: TranscriptCall | undefined;
  for (const event of await run.ports.store.read(run.log.sessionId, { taskId })) {
    if (!isKnown(event)) continue;
    if (event.type === "call.ended" && event.payload.callId === found?.callId) found.result = event.payload.result;
    if (event.type !== "call.requested" && event.type !== "call.started") continue;
    const { callId, turnId, arguments: given } = event.payload;
    if (turnId === undefined && event.payload.tool === tool && canonicalJson(given) === wanted)
      found = { callId, tool, arguments: given, started: event.type === "call.started" };
  }
  return found;
}

const none = (): Promise<CallResult> =>
  Promise.resolve({ ok: false, code: "not_allowed", content: "Only an agent's own turn may do this." });

export const noControl: TaskControl = {
  submitPlan: none,
  submitResult: none,
  delegate: none,
  ask: none,
  reportProgress: none,
  recall: none,
};

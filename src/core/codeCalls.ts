// Tool calls that code makes for a task, without a turn: the same guard, the same record, the same tools (A4).

import type { AgentDefinition } from "../protocol/agents.ts";
import type { CallResult } from "../protocol/events.ts";
import type { TaskId } from "../protocol/ids.ts";
import { type CallContext, decideCalls, openingEvents, runCalls } from "./calls.ts";
import type { TaskControl } from "./ports.ts";
import type { Run } from "./run.ts";

/** One call to its end. `code: "blocked"` where a person has to answer first. */
export async function callByCode(
  run: Run,
  taskId: TaskId,
  agent: AgentDefinition,
  tool: string,
  args: unknown,
  signal: AbortSignal,
): Promise<CallResult> {
  const context: CallContext = { run, taskId, agent, tools: [...run.tools.values()], control: () => noControl };
  const calls = await decideCalls(context, [{ tool, arguments: args }], undefined);
  run.log.append(...openingEvents(context, calls));
  const [end] = await runCalls(context, calls, signal);
  if (!end) throw new Error(`the call of ${tool} had no end`);
  return "blocked" in end ? { ok: false, code: "blocked", content: end.blocked } : end.result;
}

const none = (): Promise<CallResult> =>
  Promise.resolve({ ok: false, code: "not_allowed", content: "Only an agent's own turn may do this." });

const noControl: TaskControl = { submitPlan: none, submitResult: none, delegate: none, ask: none, reportProgress: none };

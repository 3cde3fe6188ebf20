// The saved state of an agent, loaded by session and agent: what its model sees (instructions, task, conversation) and what
// happened in its task. Built from the record by the code that builds it for the model (A2, A7), so that it is the same
// wherever it is shown; at any event.

import type { TraceEvent } from "../protocol/events.ts";
import type { SessionId, TaskId } from "../protocol/ids.ts";
import type { ContextFigures } from "../protocol/ledger.ts";
import { reduceAll } from "../protocol/reduce.ts";
import type { SessionState, TaskState } from "../protocol/state.ts";
import { textOf } from "../protocol/transcript.ts";
import { briefOf, createContext, systemPrompt } from "./context.ts";
import { briefShare } from "./contextWindow.ts";
import type { ModelMessage, RegistryPort, StorePort } from "./ports.ts";
import { loadState } from "./sessionLog.ts";

export type AgentState = {
  sessionId: SessionId;
  agent: string;
  taskId: TaskId;
  status: TaskState["status"];
  /** Of the newest event that counts. */
  timestamp: string;
  /** `system`: the blueprint's instructions as they are now, where it is there. */
  context: { system?: string; messages: ModelMessage[]; /** Of the newest turn. */ figures?: ContextFigures; setAside?: number };
  /** All that happened in its task up to there. */
  history: TraceEvent[];
};

type Ports = { store: Pick<StorePort, "read" | "loadSnapshot" | "getArtifact">; registry?: Pick<RegistryPort, "agent"> };

/** What the session was at an event, or is. */
export async function stateAt({ store }: Ports, sessionId: SessionId, at?: number): Promise<SessionState | undefined> {
  if (at === undefined) return loadState({ store: store as StorePort }, sessionId);
  return reduceAll(await store.read(sessionId, { limit: at }));
}

/** `agent`: the newest task of this blueprint, or of this step, or a task. Undefined where there is none. */
export async function loadAgentState(
  ports: Ports,
  { sessionId, agent, at }: { sessionId: SessionId; agent: string; at?: number },
): Promise<AgentState | undefined> {
  const { store, registry } = ports;
  const state = await stateAt(ports, sessionId, at);
  const task = state && taskNamed(state, agent);
  if (!task) return undefined;
  const history = (await store.read(sessionId, { taskId: task.id })).filter(({ seq }) => at === undefined || seq <= at);
  const blueprint = task.assignedAgent === undefined ? undefined : registry?.agent(task.assignedAgent);
  const system = blueprint && systemPrompt(blueprint, undefined);
  const brief = await briefOf(store, task, [], (task.context?.window ?? Infinity) * briefShare);
  const context = createContext({ system: system ?? "", brief, tools: [], history });
  context.seal();
  return {
    sessionId,
    agent: task.assignedAgent ?? task.id,
    taskId: task.id,
    status: task.status,
    timestamp: history.at(-1)?.timestamp ?? task.createdAt,
    context: {
      ...(system === undefined ? {} : { system }),
      messages: context.messages,
      ...(task.context ? { figures: task.context, setAside: task.setAside ?? 0 } : {}),
    },
    history,
  };
}

function taskNamed({ tasks }: SessionState, name: string): TaskState | undefined {
  const all = Object.values(tasks);
  const ofAgent = (): TaskState | undefined => all.findLast(({ assignedAgent }) => assignedAgent === name);
  return tasks[name as TaskId] ?? ofAgent() ?? all.findLast(({ stepId }) => stepId === name);
}

/** Its conversation, as a person reads it. */
export function conversationText({ agent, context }: AgentState): string {
  const parts = context.messages.map((message) => {
    if (message.role === "user") return `── to ${agent}\n${textOf(message.content)}`;
    if (message.role === "results")
      return message.results
        .map(({ tool, result }) => `── result of ${tool}${result.ok ? "" : ` (${result.code})`}\n${result.content}`)
        .join("\n\n");
    const calls = message.calls.map(({ tool, arguments: args }) => `→ ${tool} ${JSON.stringify(args)}`);
    return [`── ${agent}`, textOf(message.content), ...calls].filter(Boolean).join("\n");
  });
  return parts.join("\n\n");
}

// What an agent saw, as text for a person: built again from the record by the same code that built it for the model (A7).

import { briefOf, createContext } from "../../core/context.ts";
import type { Engine } from "../../core/engine.ts";
import type { StorePort } from "../../core/ports.ts";
import type { SessionId, TaskId } from "../../protocol/ids.ts";
import { textOf } from "../../protocol/transcript.ts";

export async function contextShown(engine: Engine, store: StorePort, sessionId: SessionId, taskId: TaskId): Promise<string> {
  const task = (await engine.state(sessionId))?.tasks[taskId];
  if (!task) return "There is no such task.";
  const context = createContext({
    system: "",
    brief: await briefOf(store, task),
    tools: [],
    history: await store.read(sessionId, { taskId }),
  });
  context.seal();
  const parts = context.messages.map((message) => {
    if (message.role === "user") return `── to ${task.assignedAgent}\n${textOf(message.content)}`;
    if (message.role === "results")
      return message.results
        .map(({ tool, result }) => `── result of ${tool}${result.ok ? "" : ` (${result.code})`}\n${result.content}`)
        .join("\n\n");
    const calls = message.calls.map(({ tool, arguments: args }) => `→ ${tool} ${JSON.stringify(args)}`);
    return [`── ${task.assignedAgent}`, textOf(message.content), ...calls].filter(Boolean).join("\n");
  });
  return parts.join("\n\n");
}

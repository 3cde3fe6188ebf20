// What an agent saw, as text for a person: how much of its window what took, and the conversation, built again from the
// record by the same code that built it for the model (A7).

import { briefOf, createContext } from "../../core/context.ts";
import { briefShare } from "../../core/contextWindow.ts";
import type { Engine } from "../../core/engine.ts";
import type { StorePort } from "../../core/ports.ts";

import type { SessionId, TaskId } from "../../protocol/ids.ts";
import { type ContextFigures, type ContextPart, roughly } from "../../protocol/ledger.ts";
import { textOf } from "../../protocol/transcript.ts";

export async function contextShown(engine: Engine, store: StorePort, sessionId: SessionId, taskId: TaskId): Promise<string> {
  const task = (await engine.state(sessionId))?.tasks[taskId];
  if (!task) return "There is no such task.";
  const context = createContext({
    system: "",
    brief: await briefOf(store, task, [], (task.context?.window ?? Infinity) * briefShare),
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
  return [...(task.context ? [figuresShown(task.context, task.setAside ?? 0)] : []), ...parts].join("\n\n");
}

const names: Record<ContextPart, string> = {
  instructions: "instructions",
  rules: "rules of the project",
  tools: "tools",
  brief: "its task",
  conversation: "conversation",
  results: "results of calls",
};

function figuresShown({ tokens, window, parts }: ContextFigures, setAside: number): string {
  const lines = Object.entries(names).map(([part, name]) => `${roughly(parts[part as ContextPart]).padStart(6)}  ${name}`);
  const aside = setAside > 0 ? [`${setAside} older results and words are set aside; the agent can recall each of them.`] : [];
  return [`About ${roughly(tokens)} of the ${roughly(window)} tokens of its window in the newest turn:`, ...lines, ...aside].join("\n");
}

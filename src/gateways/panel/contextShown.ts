// What an agent saw, as text for a person: how much of its window what took, and the conversation.

import { conversationText, loadAgentState } from "../../core/agentState.ts";
import type { StorePort } from "../../core/ports.ts";
import type { SessionId, TaskId } from "../../protocol/ids.ts";
import { type ContextFigures, type ContextPart, roughly } from "../../protocol/ledger.ts";

export async function contextShown(store: StorePort, sessionId: SessionId, taskId: TaskId): Promise<string> {
  const state = await loadAgentState({ store }, { sessionId, agent: taskId });
  if (!state) return "There is no such task.";
  const { figures, setAside = 0 } = state.context;
  return [...(figures ? [figuresShown(figures, setAside)] : []), conversationText(state)].join("\n\n");
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

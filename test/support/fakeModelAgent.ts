// Plays one agent against a model and the real tools, without the engine: enough to see what a script does to a folder.
// Owns no rules of its own: no guard, no budget, no worktree.

import assert from "node:assert/strict";
import type { CallScope, ModelMessage, ModelsPort, TaskControl, ToolsPort } from "../../src/core/ports.ts";
import type { PlanStep, TaskResult } from "../../src/protocol/agents.ts";
import type { CallId } from "../../src/protocol/ids.ts";

export type AgentRun = { said: string; turns: number; calls: string[]; plan?: PlanStep[]; result?: TaskResult; messages: ModelMessage[] };

type AgentOptions = {
  models: ModelsPort;
  tools: ToolsPort;
  model?: string;
  agent: string;
  brief: string;
  root: string;
  writes?: boolean;
};

/** Ends with a submitted result, or with the first answer that asks for no call. */
export async function playAgent(options: AgentOptions): Promise<AgentRun> {
  const { models, agent, brief } = options;
  const run: AgentRun = { said: "", turns: 0, calls: [], messages: [{ role: "user", content: [{ type: "text", text: brief }] }] };
  const tools = await options.tools.list();
  const given = agent === "coordinator" ? tools.filter((tool) => tool.name !== "agents__submit_result") : tools;
  while (run.turns < 20 && !run.result) {
    const request = {
      model: options.model ?? "demo",
      system: `agent: ${agent}\n\nRules.`,
      messages: run.messages,
      tools: given,
      maxTokens: 1000,
    };
    const outcome = await models.stream(request, () => undefined, new AbortController().signal);
    assert.equal(outcome.kind, "answer", JSON.stringify(outcome));
    if (outcome.kind !== "answer") break;
    run.turns += 1;
    run.said += outcome.content.map((block) => (block.type === "text" ? block.text : "")).join("");
    const calls = outcome.calls.map((call, i) => ({ ...call, callId: `c_${run.turns}_${i}` as CallId }));
    run.messages.push({ role: "assistant", content: outcome.content, calls });
    if (calls.length === 0) break;
    run.messages.push({ role: "results", results: await Promise.all(calls.map((call) => callTool(options, run, call))) });
  }
  return run;
}

type Called = Extract<ModelMessage, { role: "results" }>["results"][number];

async function callTool(options: AgentOptions, run: AgentRun, call: { callId: CallId; tool: string; arguments: unknown }): Promise<Called> {
  const { agent, root, writes = true } = options;
  run.calls.push(call.tool);
  const scope: CallScope = { sessionId: "s", taskId: "t_1", callId: call.callId, agent, root, writable: writes, control: controlOf(run) };
  const result = await options.tools.call(call.tool, call.arguments, scope, new AbortController().signal);
  return { callId: call.callId, tool: call.tool, result };
}

function controlOf(run: AgentRun): TaskControl {
  const taken = { ok: true as const, content: "Taken." };
  const nobody = { ok: false as const, code: "denied", content: "Nobody is here." };
  return {
    submitPlan: async ({ steps }) => {
      run.plan = steps;
      return taken;
    },
    submitResult: async (result) => {
      run.result = result;
      return taken;
    },
    delegate: async () => nobody,
    ask: async () => nobody,
    reportProgress: async () => taken,
    recall: async () => nobody,
  };
}

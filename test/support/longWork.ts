// An agent that works for a very long time, as a scripted model with a window: it reads one note after the other, and
// answers a request for a summary. Every request is checked against the window as a real server does it.

import type { AgentDefinition } from "../../src/protocol/agents.ts";
import { estimateTokens } from "../../src/core/contextWindow.ts";
import type { ModelRequest } from "../../src/core/ports.ts";
import { noUsage } from "../../src/protocol/state.ts";
import { textOf } from "../../src/protocol/transcript.ts";
import type { Model, Reply } from "./world.ts";

export const reader: AgentDefinition = {
  id: "reader",
  name: "Reader",
  role: "reader",
  model: "inherit",
  instructions: "Read the notes one after the other. NEVER touch the file vault.txt.",
  tools: ["filesystem__read_file", "shell__run", "agents__submit_result", "agents__ask_user"],
  permissions: [],
  memoryScope: "none",
  description: "Reads notes",
  skills: [],
  subAgents: [],
  limits: { turns: 5_000 },
};

export const note = (n: number, characters: number): string =>
  `note ${n}: ${`fact ${n} of the matter. `.repeat(characters / 20)}`.slice(0, characters);

export function notes(count: number, characters: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`notes/${n}.txt`, note(n, characters)]));
}

export function sizeOf({ system, messages, tools }: ModelRequest): number {
  return estimateTokens(system + JSON.stringify(messages) + JSON.stringify(tools));
}

/** All that the model is given as text. */
export function textIn({ system, messages }: ModelRequest): string {
  return [
    system,
    ...messages.map((one) => (one.role === "results" ? one.results.map(({ result }) => result.content).join("\n") : textOf(one.content))),
  ].join("\n");
}

export function isSummaryRequest({ messages }: ModelRequest): boolean {
  const last = messages.at(-1);
  return last?.role === "user" && textOf(last.content).startsWith("Your conversation is becoming too long");
}

export type LongModel = { model: Model; requests: { size: number; summary: boolean }[] };

/** `next` says what the agent does in its n-th turn. */
export function longModel(options: {
  window: number;
  next: (n: number, request: ModelRequest) => Reply | Promise<Reply>;
  summary?: () => Reply;
  /** Sees what each turn is given. */
  see?: (text: string) => void;
}): LongModel {
  const requests: LongModel["requests"] = [];
  let turn = 0;
  const model: Model = async (request) => {
    const size = sizeOf(request);
    const summary = isSummaryRequest(request);
    requests.push({ size, summary });
    if (!summary) options.see?.(textIn(request));
    const usage = { ...noUsage, input: size, output: 40 };
    if (size > options.window)
      return {
        kind: "failed",
        code: "too_long",
        message: `prompt is too long: ${size} tokens > ${options.window} maximum`,
        retryable: false,
        usage: noUsage,
        costUsd: 0,
      };
    const reply = summary
      ? (options.summary?.() ?? { text: `I have read the notes up to number ${turn}. Next: the one after it.` })
      : await options.next(turn++, request);
    if ("kind" in reply) return reply;
    const { text, calls = [] } = reply;
    return {
      kind: "answer",
      content: text ? [{ type: "text", text }] : [],
      calls,
      stop: calls.length > 0 ? "calls" : "end",
      usage,
      costUsd: 0.000_01,
      model: request.model,
    };
  };
  return { model, requests };
}

// Gathers a Chat Completions answer, streamed chunk by chunk or sent whole, into content, calls, stop reason and usage.
// Reads foreign JSON with care: any field may be missing or of another type.

import type { Usage } from "../protocol/agents.ts";
import type { StopReason } from "../protocol/events.ts";
import type { AskedCall, ModelDelta } from "../core/ports.ts";
import { BadAnswer } from "./fault.ts";
import { askedCall } from "./toolInput.ts";
import { noUsage } from "./usage.ts";

type PartialCall = { tool: string; json: string; id: string };

export type ChatGathering = {
  model: string;
  text: string;
  refusal: string;
  calls: PartialCall[];
  finish: string | undefined;
  usage: Usage | undefined;
};

/** The fields that are read of a chunk, or of a whole answer (`message` in place of `delta`). */
type Chunk = {
  model?: string;
  error?: { message?: string; type?: string; code?: string | number | null } | string | null;
  choices?: { delta?: Part | null; message?: Part | null; finish_reason?: string | null }[] | null;
  usage?: { prompt_tokens?: number; completion_tokens?: number; prompt_tokens_details?: { cached_tokens?: number } | null } | null;
};

type Part = {
  content?: string | null;
  refusal?: string | null;
  tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string | Record<string, unknown> } }[] | null;
};

export type ChatError = { message: string; type: string; detail: string };

export function startChatGathering(model: string): ChatGathering {
  return { model, text: "", refusal: "", calls: [], finish: undefined, usage: undefined };
}

/** Returns the error that some servers send inside a successful stream. */
export function gatherChat(to: ChatGathering, chunk: unknown, onDelta: (delta: ModelDelta) => void): ChatError | undefined {
  if (typeof chunk !== "object" || chunk === null) throw new BadAnswer("a chunk is not an object");
  const { model, error, choices, usage } = chunk as Chunk;
  if (error) return errorOf(error);
  if (model) to.model = model;
  if (usage) to.usage = usageOf(usage);
  const choice = choices?.[0];
  if (!choice) return undefined;
  const part = choice.delta ?? choice.message;
  if (part) addPart(to, part, onDelta);
  to.finish = choice.finish_reason ?? to.finish;
  return undefined;
}

function errorOf(error: NonNullable<Chunk["error"]>): ChatError {
  if (typeof error === "string") return { message: error, type: "", detail: "" };
  return { message: error.message ?? "an error without a message", type: error.type ?? "", detail: String(error.code ?? "") };
}

function usageOf(usage: NonNullable<Chunk["usage"]>): Usage {
  const cacheRead = usage.prompt_tokens_details?.cached_tokens ?? 0;
  return { ...noUsage(), input: Math.max(0, (usage.prompt_tokens ?? 0) - cacheRead), cacheRead, output: usage.completion_tokens ?? 0 };
}

function addPart(to: ChatGathering, part: Part, onDelta: (delta: ModelDelta) => void): void {
  if (part.content) {
    to.text += part.content;
    onDelta({ kind: "text", text: part.content });
  }
  if (part.refusal) to.refusal += part.refusal;
  for (const piece of part.tool_calls ?? []) {
    const call = callFor(to, piece.index, piece.id);
    call.tool += call.tool === "" ? (piece.function?.name ?? "") : "";
    const given = piece.function?.arguments ?? "";
    const json = typeof given === "string" ? given : JSON.stringify(given);
    call.json += json;
    onDelta({ kind: "call", tool: call.tool, bytes: json.length });
  }
}

/** By index; a server that sends none is followed by the call's id, else a piece belongs to the newest call. */
function callFor(to: ChatGathering, index: number | undefined, id: string | undefined): PartialCall {
  const at = index ?? (id === undefined ? Math.max(0, to.calls.length - 1) : indexOfId(to.calls, id));
  const call = (to.calls[at] ??= { tool: "", json: "", id: id ?? "" });
  return call;
}

function indexOfId(calls: PartialCall[], id: string): number {
  const at = calls.findIndex((call) => call?.id === id);
  return at < 0 ? calls.length : at;
}

type ChatGathered = { text: string; calls: AskedCall[]; stop: StopReason };

/** A call that the length limit cut in two is dropped, as with the other providers. */
export function chatGathered(from: ChatGathering): ChatGathered {
  const stop = stopOf(from);
  const asked = from.calls.filter((call) => call !== undefined && call.tool !== "").map((call) => askedCall(call.tool, call.json));
  const calls = stop === "length" ? asked.filter((call) => call.invalid === undefined) : asked;
  return { text: from.text === "" ? from.refusal : from.text, calls, stop: stop === "end" && calls.length > 0 ? "calls" : stop };
}

function stopOf({ finish, refusal }: ChatGathering): StopReason {
  if (finish === "length") return "length";
  if (finish === "content_filter" || refusal !== "") return "refusal";
  return finish === "tool_calls" || finish === "function_call" ? "calls" : "end";
}

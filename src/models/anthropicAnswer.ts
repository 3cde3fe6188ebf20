// Gathers the events of a streamed Messages answer into content, calls, stop reason and usage. Knows where an answer
// breaks off; decides nothing about retries.

import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import type { Usage } from "../protocol/agents.ts";
import type { ContentBlock, StopReason } from "../protocol/events.ts";
import type { AskedCall, ModelDelta } from "../core/ports.ts";
import type { SignedReasoning } from "./anthropicRequest.ts";
import { askedCall } from "./toolInput.ts";
import { noUsage } from "./usage.ts";

type Part =
  | { kind: "text"; text: string }
  | { kind: "call"; tool: string; json: string; complete: boolean }
  | { kind: "reasoning"; block: Record<string, unknown>; complete: boolean };

export type Gathering = {
  model: string;
  parts: (Part | undefined)[];
  stop: string | undefined;
  ended: boolean;
  usage: Usage;
};

export function startGathering(model: string): Gathering {
  return { model, parts: [], stop: undefined, ended: false, usage: noUsage() };
}

export function gather(to: Gathering, event: RawMessageStreamEvent, onDelta: (delta: ModelDelta) => void): void {
  switch (event.type) {
    case "message_start":
      to.model = event.message.model || to.model;
      noteUsage(to.usage, event.message.usage);
      return;
    case "content_block_start":
      to.parts[event.index] = partOf(event.content_block);
      return;
    case "content_block_delta":
      addDelta(to.parts[event.index], event.delta, onDelta);
      return;
    case "content_block_stop": {
      const part = to.parts[event.index];
      if (part && part.kind !== "text") part.complete = true;
      return;
    }
    case "message_delta":
      to.stop = event.delta.stop_reason ?? to.stop;
      noteUsage(to.usage, event.usage);
      return;
    case "message_stop":
      to.ended = true;
      return;
    default:
      return;
  }
}

/** The counts are running totals: a later one replaces an earlier one, an absent one says nothing. */
function noteUsage(usage: Usage, counts: UsageCounts | null | undefined): void {
  usage.input = counts?.input_tokens ?? usage.input;
  usage.output = counts?.output_tokens ?? usage.output;
  usage.cacheRead = counts?.cache_read_input_tokens ?? usage.cacheRead;
  usage.cacheWrite = counts?.cache_creation_input_tokens ?? usage.cacheWrite;
}

type UsageCounts = {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cache_read_input_tokens?: number | null;
  cache_creation_input_tokens?: number | null;
};

function partOf(block: { type: string; text?: string; name?: string; input?: unknown }): Part {
  if (block.type === "text") return { kind: "text", text: block.text ?? "" };
  if (block.type !== "tool_use") return { kind: "reasoning", block: { ...block }, complete: false };
  // Some compatible servers send the whole input here and no deltas.
  const whole = typeof block.input === "object" && block.input !== null && Object.keys(block.input).length > 0;
  return { kind: "call", tool: block.name ?? "", json: whole ? JSON.stringify(block.input) : "", complete: false };
}

type Delta = { type: string; text?: string; partial_json?: string; thinking?: string; signature?: string };

function addDelta(part: Part | undefined, delta: Delta, onDelta: (delta: ModelDelta) => void): void {
  if (!part) return;
  if (part.kind === "text") {
    const text = delta.text ?? "";
    if (text === "") return;
    part.text += text;
    onDelta({ kind: "text", text });
  } else if (part.kind === "call") {
    const json = delta.partial_json ?? "";
    part.json += json;
    onDelta({ kind: "call", tool: part.tool, bytes: json.length });
  } else if (delta.thinking !== undefined) {
    part.block["thinking"] = `${(part.block["thinking"] as string | undefined) ?? ""}${delta.thinking}`;
  } else if (delta.signature !== undefined) {
    part.block["signature"] = delta.signature;
  }
}

/** How much was written, for an answer whose usage nobody told. */
export function charactersOf({ parts }: Gathering): number {
  return parts.reduce((sum, part) => {
    if (!part) return sum;
    if (part.kind === "text") return sum + part.text.length;
    return sum + (part.kind === "call" ? part.tool.length + part.json.length : JSON.stringify(part.block).length);
  }, 0);
}

type Gathered = { content: ContentBlock[]; calls: AskedCall[]; stop: StopReason };

/** A call that the length limit cut in two is dropped: half a call must not run, and `length` tells that it is missing. */
export function gathered(from: Gathering, asked: string): Gathered {
  const content: ContentBlock[] = [];
  const calls: AskedCall[] = [];
  const stop = stopReason(from.stop);
  for (const part of from.parts) {
    if (!part) continue;
    if (part.kind === "text") {
      if (part.text !== "") content.push({ type: "text", text: part.text });
    } else if (part.kind === "reasoning") {
      const value: SignedReasoning = { model: asked, block: part.block };
      if (part.complete) content.push({ type: "opaque", provider: "anthropic", value });
    } else {
      const call = askedCall(part.tool, part.json);
      if (stop !== "length" || (part.complete && call.invalid === undefined)) calls.push(call);
    }
  }
  return { content, calls, stop: stop === "end" && calls.length > 0 ? "calls" : stop };
}

function stopReason(reason: string | undefined): StopReason {
  if (reason === "tool_use") return "calls";
  if (reason === "max_tokens" || reason === "model_context_window_exceeded") return "length";
  return reason === "refusal" ? "refusal" : "end";
}

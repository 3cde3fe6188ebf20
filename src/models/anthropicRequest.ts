// The request body of the Messages API, written as text. A message's JSON is made once and kept beside the message, so
// that a turn late in a long conversation does not serialise all of it again. Also places the cache marks.

import type { ContentBlock } from "../protocol/events.ts";
import type { ModelMessage, ModelRequest, ToolSpec } from "../core/ports.ts";
import type { Family } from "./families.ts";

const cacheMark = { type: "ephemeral" };

type Role = "user" | "assistant";
type Fragment = { role: Role; blocks: string };

/** Per message, for the model it was written for: signed reasoning goes back only to the model that made it. */
const fragments = new WeakMap<ModelMessage, Map<string, Fragment>>();
const toolTexts = new WeakMap<ToolSpec[], string>();

export function requestBody(model: string, request: ModelRequest, family: Family): string {
  const head: Record<string, unknown> = { model, max_tokens: Math.min(request.maxTokens, family.maxOutput), stream: true };
  if (request.temperature !== undefined && family.sampling) head["temperature"] = request.temperature;
  if (request.system !== "") head["system"] = [{ type: "text", text: request.system, cache_control: cacheMark }];
  const tools = request.tools.length > 0 ? `,"tools":${toolsText(request.tools)}` : "";
  return `${JSON.stringify(head).slice(0, -1)}${tools},"messages":[${messagesText(model, request.messages)}]}`;
}

function toolsText(tools: ToolSpec[]): string {
  const known = toolTexts.get(tools);
  if (known !== undefined) return known;
  const specs = tools.map((tool, i) => {
    const spec = { name: tool.name, description: tool.description, input_schema: tool.inputSchema };
    return i === tools.length - 1 ? { ...spec, cache_control: cacheMark } : spec;
  });
  const text = JSON.stringify(specs);
  toolTexts.set(tools, text);
  return text;
}

/**
 * Two marks, on the newest message of the user's side and the one before it: the first is what the next turn will read,
 * the second is what the last turn wrote, found also when a turn brought more blocks than the server looks back over.
 */
function messagesText(model: string, messages: ModelMessage[]): string {
  const marked = new Set<ModelMessage>(newestOfUser(messages, 2));
  const parts: string[] = [];
  let role: Role | undefined;
  for (const message of messages) {
    const { role: next, blocks } = marked.has(message) ? markedFragment(model, message) : fragmentOf(model, message);
    if (blocks === "") continue;
    if (next === role) parts.push(",", blocks);
    else parts.push(role === undefined ? "" : "]},", `{"role":"${next}","content":[`, blocks);
    role = next;
  }
  return role === undefined ? "" : `${parts.join("")}]}`;
}

function newestOfUser(messages: ModelMessage[], count: number): ModelMessage[] {
  const found: ModelMessage[] = [];
  for (let i = messages.length - 1; i >= 0 && found.length < count; i--) if (messages[i]!.role !== "assistant") found.push(messages[i]!);
  return found;
}

function fragmentOf(model: string, message: ModelMessage): Fragment {
  let perModel = fragments.get(message);
  if (!perModel) fragments.set(message, (perModel = new Map<string, Fragment>()));
  let fragment = perModel.get(model);
  if (!fragment) perModel.set(model, (fragment = { role: roleOf(message), blocks: joined(blocksOf(model, message)) }));
  return fragment;
}

function markedFragment(model: string, message: ModelMessage): Fragment {
  const blocks = blocksOf(model, message);
  const last = blocks.at(-1);
  if (last) last["cache_control"] = cacheMark;
  return { role: roleOf(message), blocks: joined(blocks) };
}

function joined(blocks: Record<string, unknown>[]): string {
  return blocks.map((block) => JSON.stringify(block)).join(",");
}

function roleOf(message: ModelMessage): Role {
  return message.role === "assistant" ? "assistant" : "user";
}

function blocksOf(model: string, message: ModelMessage): Record<string, unknown>[] {
  if (message.role === "user") return contentBlocks(model, message.content);
  if (message.role === "results") {
    return message.results.map(({ callId, result }) => ({
      type: "tool_result",
      tool_use_id: callId,
      ...(result.content === "" ? {} : { content: result.content }),
      ...(result.ok ? {} : { is_error: true }),
    }));
  }
  const calls = message.calls.map((call) => ({ type: "tool_use", id: call.callId, name: call.tool, input: objectOf(call.arguments) }));
  return [...contentBlocks(model, message.content), ...calls];
}

/** Unreadable arguments were kept as text; the API takes objects only. */
function objectOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : { unreadable: value };
}

/** What an OpaqueBlock of ours holds. */
export type SignedReasoning = { model: string; block: Record<string, unknown> };

function contentBlocks(model: string, content: ContentBlock[]): Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = [];
  for (const block of content) {
    if (block.type === "text") {
      if (block.text.trim() !== "") blocks.push({ type: "text", text: block.text });
    } else if (block.provider === "anthropic") {
      const signed = block.value as SignedReasoning;
      if (signed.model === model) blocks.push({ ...signed.block });
    }
  }
  return blocks;
}

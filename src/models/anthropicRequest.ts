// The request body of the Messages API, as the bytes that are sent. What stands before the cache marks never changes
// again: it is written once per conversation and copied from then on, so that a turn late in a long conversation neither
// serialises nor encodes all of it again. Also places the cache marks.

import type { ContentBlock, ImageBlock } from "../protocol/events.ts";
import type { ModelMessage, ModelRequest, ToolSpec } from "../core/ports.ts";
import type { Family } from "./families.ts";

const cacheMark = { type: "ephemeral" };
const markText = `,"cache_control":${JSON.stringify(cacheMark)}}`;

type Role = "user" | "assistant";
type Fragment = { role: Role; blocks: string };

/** The beginning of a conversation, written for one model: signed reasoning goes back only to the model that made it. */
type Settled = { model: string; count: number; last: ModelMessage | undefined; role: Role | undefined; bytes: Buffer; length: number };

const settled = new WeakMap<ModelMessage[], Settled>();
const toolTexts = new WeakMap<ToolSpec[], string>();

export function requestBody(model: string, request: ModelRequest, family: Family): Buffer {
  const head: Record<string, unknown> = { model, max_tokens: Math.min(request.maxTokens, family.maxOutput), stream: true };
  if (request.temperature !== undefined && family.sampling) head["temperature"] = request.temperature;
  if (request.system !== "") head["system"] = [{ type: "text", text: request.system, cache_control: cacheMark }];
  const { messages, steady } = request;
  // There are four marks. That of the system covers the tools, too: theirs gives way to one on what outlives a compaction.
  const kept = steady === undefined || messages[steady - 1]?.role === "assistant" ? [] : [steady - 1];
  const tools = request.tools.length > 0 ? `,"tools":${toolsText(request.tools, kept.length === 0)}` : "";
  const newest = newestOfUser(messages, 2);
  const before = settle(model, messages, newest[0] ?? messages.length, kept);
  const after = textOf(model, messages, { from: before.count, role: before.role, marked: [...newest, ...kept] });
  return joinBytes(
    `${JSON.stringify(head).slice(0, -1)}${tools},"messages":[`,
    before,
    `${after.text}${after.role === undefined ? "" : "]}"}]}`,
  );
}

function joinBytes(head: string, { bytes, length }: Settled, tail: string): Buffer {
  const headLength = Buffer.byteLength(head);
  const body = Buffer.allocUnsafe(headLength + length + Buffer.byteLength(tail));
  body.write(head, 0);
  bytes.copy(body, headLength, 0, length);
  body.write(tail, headLength + length);
  return body;
}

function toolsText(tools: ToolSpec[], isMarked: boolean): string {
  const specs = (): object[] => tools.map(({ name, description, inputSchema }) => ({ name, description, input_schema: inputSchema }));
  const text = toolTexts.get(tools) ?? JSON.stringify(specs());
  toolTexts.set(tools, text);
  return isMarked ? `${text.slice(0, -2)}${markText}]` : text;
}

/** What was written of this conversation before, brought up to (not including) the message at `upTo`. */
function settle(model: string, messages: ModelMessage[], upTo: number, marked: number[]): Settled {
  const known = settled.get(messages);
  const good = known?.model === model && known.count <= upTo && messages[known.count - 1] === known.last;
  const done: Settled = good ? known : { model, count: 0, last: undefined, role: undefined, bytes: Buffer.alloc(0), length: 0 };
  const more = textOf(model, messages.slice(0, upTo), { from: done.count, role: done.role, marked });
  const length = done.length + Buffer.byteLength(more.text);
  if (length > done.bytes.length) done.bytes = Buffer.concat([done.bytes.subarray(0, done.length)], length * 2);
  done.bytes.write(more.text, done.length);
  Object.assign(done, { length, count: upTo, last: messages[upTo - 1], role: more.role });
  settled.set(messages, done);
  return done;
}

/** The messages from one on, continuing after a message of `role`; the last message stays open. */
function textOf(
  model: string,
  messages: ModelMessage[],
  { from, role, marked }: { from: number; role: Role | undefined; marked: number[] },
): { text: string; role: Role | undefined } {
  const parts: string[] = [];
  let last = role;
  for (let i = from; i < messages.length; i++) {
    const { role: next, blocks } = fragmentOf(model, messages[i]!);
    if (blocks === "") continue;
    if (next === last) parts.push(",");
    else parts.push(last === undefined ? "" : "]},", `{"role":"${next}","content":[`);
    // The mark belongs into the message's last block.
    parts.push(...(marked.includes(i) ? [blocks.slice(0, -1), markText] : [blocks]));
    last = next;
  }
  return { text: parts.join(""), role: last };
}

/**
 * Where the two marks go, on the newest message of the user's side and the one before it: the first is what the next turn
 * will read, the second is what the last turn wrote, found also when a turn brought more blocks than the server looks
 * back over.
 */
function newestOfUser(messages: ModelMessage[], count: number): number[] {
  const found: number[] = [];
  for (let i = messages.length - 1; i >= 0 && found.length < count; i--) if (messages[i]!.role !== "assistant") found.unshift(i);
  return found;
}

function fragmentOf(model: string, message: ModelMessage): Fragment {
  return { role: roleOf(message), blocks: joined(blocksOf(model, message)) };
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

function contentBlocks(model: string, content: (ContentBlock | ImageBlock)[]): Record<string, unknown>[] {
  const blocks: Record<string, unknown>[] = [];
  for (const block of content) {
    if (block.type === "text") {
      if (block.text.trim() !== "") blocks.push({ type: "text", text: block.text });
    } else if (block.type === "image") {
      blocks.push({ type: "image", source: { type: "base64", media_type: block.mediaType, data: block.data } });
    } else if (block.provider === "anthropic") {
      const signed = block.value as SignedReasoning;
      if (signed.model === model) blocks.push({ ...signed.block });
    }
  }
  return blocks;
}

// The request body of a Chat Completions endpoint, written as text, with each message's JSON kept beside the message
// (see anthropicRequest.ts for the reason). Leaves out whatever older or local servers would refuse.

import type { ContentBlock, ImageBlock } from "../protocol/events.ts";
import type { ModelMessage, ModelRequest, ToolSpec } from "../core/ports.ts";
import type { Family } from "./families.ts";

const messageTexts = new WeakMap<ModelMessage, string>();
const toolTexts = new WeakMap<ToolSpec[], string>();

export function chatBody(provider: string, model: string, request: ModelRequest, family: Family): string {
  const limit = Math.min(request.maxTokens, family.maxOutput);
  const head: Record<string, unknown> = { model, stream: true, stream_options: { include_usage: true } };
  // OpenAI's reasoning models know only the new name of the limit, local servers often only the old one.
  head[provider === "openai" ? "max_completion_tokens" : "max_tokens"] = limit;
  if (request.temperature !== undefined && family.sampling) head["temperature"] = request.temperature;
  const tools = request.tools.length > 0 ? `,"tools":${toolsText(request.tools)}` : "";
  return `${JSON.stringify(head).slice(0, -1)}${tools},"messages":[${messagesText(request)}]}`;
}

function toolsText(tools: ToolSpec[]): string {
  let text = toolTexts.get(tools);
  if (text === undefined) {
    const specs = tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      function: { name, description, parameters: inputSchema },
    }));
    toolTexts.set(tools, (text = JSON.stringify(specs)));
  }
  return text;
}

function messagesText(request: ModelRequest): string {
  const parts = request.system === "" ? [] : [JSON.stringify({ role: "system", content: request.system })];
  let users: ModelMessage[] = [];
  const flush = (): void => {
    if (users.length > 0) parts.push(users.length === 1 ? textOfMessage(users[0]!) : JSON.stringify(oneUser(users)));
    users = [];
  };
  for (const message of request.messages) {
    if (message.role === "user") users.push(message);
    else if (textOfMessage(message) !== "") {
      flush();
      parts.push(textOfMessage(message));
    }
  }
  flush();
  return parts.filter((part) => part !== "").join(",");
}

function textOfMessage(message: ModelMessage): string {
  let text = messageTexts.get(message);
  if (text === undefined) messageTexts.set(message, (text = written(message)));
  return text;
}

function written(message: ModelMessage): string {
  if (message.role === "user") return plainText(message.content) === "" ? "" : JSON.stringify(oneUser([message]));
  if (message.role === "results") return message.results.map((one) => JSON.stringify(toolMessage(one))).join(",");
  const content = plainText(message.content);
  if (content === "" && message.calls.length === 0) return "";
  const calls = message.calls.map((call) => ({
    id: call.callId,
    type: "function",
    function: { name: call.tool, arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments ?? {}) },
  }));
  return JSON.stringify({
    role: "assistant",
    content: content === "" ? null : content,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  });
}

function toolMessage(one: Extract<ModelMessage, { role: "results" }>["results"][number]): Record<string, unknown> {
  const { content } = one.result;
  return { role: "tool", tool_call_id: one.callId, content: one.result.ok ? content : `Error (${one.result.code}): ${content}` };
}

function oneUser(messages: ModelMessage[]): Record<string, unknown> {
  const contents = messages.map((message) => (message.role === "user" ? message.content : []));
  const text = contents
    .map(plainText)
    .filter((one) => one !== "")
    .join("\n\n");
  const images = contents.flat().filter((block) => block.type === "image");
  if (images.length === 0) return { role: "user", content: text };
  const urls = images.map(({ mediaType, data }) => ({ type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } }));
  return { role: "user", content: [{ type: "text", text }, ...urls] };
}

function plainText(content: (ContentBlock | ImageBlock)[]): string {
  return content
    .map((block) => (block.type === "text" ? block.text : ""))
    .filter((text) => text.trim() !== "")
    .join("\n");
}

// The two wires of the fake model server: how a request is read and how a reply is written as server-sent events.
// Written by hand against the public API descriptions, so that the providers are not tested against themselves.

import type http from "node:http";
import type { FakeCall, FakeRequest, Reply } from "./fakeModelServer.ts";

export type Wire = {
  name: FakeRequest["wire"];
  read(body: Record<string, unknown>, headers: http.IncomingHttpHeaders): FakeRequest;
  write(response: http.ServerResponse, request: FakeRequest, reply: Reply): void;
  whole(reply: Reply): unknown;
  errorBody(type: string, message: string, detail: string | undefined): string;
};

type Block = { type: string; text?: string; content?: unknown };
type Message = { role: string; content: string | Block[] | null };

export const messagesWire: Wire = {
  name: "messages",
  read(body, headers) {
    const messages = (body["messages"] ?? []) as Message[];
    const last = blocksOf(messages.at(-1)?.content);
    return {
      ...common(body, headers, textOf(body["system"] as string | Block[] | undefined)),
      wire: "messages",
      prompt: textOf(messages.findLast((m) => m.role === "user" && blocksOf(m.content).some((b) => b.type === "text"))?.content),
      results: last.filter((block) => block.type === "tool_result").map((block) => textOf(block.content as string | Block[])),
      turn: messages.filter((m) => m.role === "assistant").length,
      tools: ((body["tools"] ?? []) as { name: string }[]).map((tool) => tool.name),
    };
  },
  write(response, request, reply) {
    const usage = usageOf(reply, request);
    const lines: string[] = [];
    const emit = (type: string, rest: Record<string, unknown>): void => {
      lines.push(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
    };
    const started = {
      input_tokens: usage.input,
      output_tokens: 1,
      cache_read_input_tokens: usage.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite,
    };
    emit("message_start", {
      message: { id: "msg_fake", type: "message", role: "assistant", model: request.model, content: [], usage: started },
    });
    let index = 0;
    const block = (start: Record<string, unknown>, deltas: Record<string, unknown>[], last = false): void => {
      emit("content_block_start", { index, content_block: start });
      for (const delta of deltas) emit("content_block_delta", { index, delta });
      if (!(last && reply.stop === "length")) emit("content_block_stop", { index });
      index += 1;
    };
    if (reply.thinking !== undefined) {
      const deltas = [
        { type: "thinking_delta", thinking: reply.thinking },
        { type: "signature_delta", signature: "signed" },
      ];
      block({ type: "thinking", thinking: "", signature: "" }, deltas);
    }
    if (reply.text !== undefined) {
      block(
        { type: "text", text: "" },
        cut(reply.text, reply.deltas).map((text) => ({ type: "text_delta", text })),
      );
    }
    const calls = reply.calls ?? [];
    calls.forEach((call, i) => {
      const deltas = cut(jsonOf(call), reply.deltas).map((partial_json) => ({ type: "input_json_delta", partial_json }));
      block({ type: "tool_use", id: `toolu_${request.turn}_${i}`, name: call.tool, input: {} }, deltas, i === calls.length - 1);
    });
    const stop = { end: "end_turn", calls: "tool_use", length: "max_tokens", refusal: "refusal", pause: "pause_turn" }[
      reply.stop ?? natural(reply)
    ];
    finish(
      response,
      reply,
      lines,
      (type, message) => `event: error\ndata: ${messagesWire.errorBody(type, message, undefined)}\n\n`,
      [
        ["message_delta", { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: usage.output } }],
        ["message_stop", {}],
      ].map(([type, rest]) => `event: ${type as string}\ndata: ${JSON.stringify({ type, ...(rest as object) })}\n\n`),
    );
  },
  whole: () => ({ type: "message" }),
  errorBody: (type, message, detail) =>
    JSON.stringify({ type: "error", error: { type, message, ...(detail === undefined ? {} : { details: { error_code: detail } }) } }),
};

export const chatWire: Wire = {
  name: "chat",
  read(body, headers) {
    const messages = (body["messages"] ?? []) as Message[];
    const results: string[] = [];
    for (let i = messages.length - 1; i >= 0 && messages[i]?.role === "tool"; i--) results.unshift(textOf(messages[i]?.content));
    return {
      ...common(body, headers, textOf(messages.find((m) => m.role === "system")?.content)),
      wire: "chat",
      prompt: textOf(messages.findLast((m) => m.role === "user")?.content),
      results,
      turn: messages.filter((m) => m.role === "assistant").length,
      tools: ((body["tools"] ?? []) as { function: { name: string } }[]).map((tool) => tool.function.name),
    };
  },
  write(response, request, reply) {
    const lines: string[] = [];
    const chunk = (rest: Record<string, unknown>): string =>
      `data: ${JSON.stringify({ id: "chatcmpl-fake", object: "chat.completion.chunk", model: request.model, ...rest })}\n\n`;
    const delta = (part: Record<string, unknown>): void =>
      void lines.push(chunk({ choices: [{ index: 0, delta: part, finish_reason: null }] }));
    delta({ role: "assistant", content: "" });
    for (const text of cut(reply.text ?? "", reply.deltas)) delta({ content: text });
    (reply.calls ?? []).forEach((call, index) => {
      delta({
        tool_calls: [{ index, id: `call_${request.turn}_${index}`, type: "function", function: { name: call.tool, arguments: "" } }],
      });
      for (const piece of cut(jsonOf(call), reply.deltas)) delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    });
    const usage = usageOf(reply, request);
    const end = [chunk({ choices: [{ index: 0, delta: {}, finish_reason: finishOf(reply) }] })];
    if (reply.fault?.kind !== "no_usage") end.push(chunk({ choices: [], usage: chatUsage(usage) }));
    finish(response, reply, lines, (type, message) => `data: ${chatWire.errorBody(type, message, undefined)}\n\n`, [
      ...end,
      "data: [DONE]\n\n",
    ]);
  },
  whole(reply) {
    const calls = (reply.calls ?? []).map((call, i) => ({
      id: `call_${i}`,
      type: "function",
      function: { name: call.tool, arguments: jsonOf(call) },
    }));
    const message = { role: "assistant", content: reply.text ?? null, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
    return { object: "chat.completion", model: "fake", choices: [{ index: 0, message, finish_reason: finishOf(reply) }] };
  },
  errorBody: (type, message, detail) => JSON.stringify({ error: { type, message, code: detail ?? null } }),
};

function common(
  body: Record<string, unknown>,
  headers: http.IncomingHttpHeaders,
  system: string,
): Pick<FakeRequest, "model" | "system" | "agent" | "headers" | "body"> {
  return { model: body["model"] as string, system, agent: /^agent: (\S+)/.exec(system)?.[1] ?? "", headers, body };
}

/** Writes what comes before the fault, then plays it; without one, the proper end. One write, as a fast server would. */
function finish(
  response: http.ServerResponse,
  reply: Reply,
  lines: string[],
  error: (type: string, message: string) => string,
  end: string[],
): void {
  const { fault } = reply;
  const before = lines.join("");
  switch (fault?.kind) {
    case "error_event":
      response.end(before + error(fault.type ?? "overloaded_error", fault.message ?? "Overloaded"));
      return;
    case "cut":
      response.write(before, () => response.destroy());
      return;
    case "early_end":
      response.end(before);
      return;
    case "malformed":
      response.end(`${before}event: content_block_delta\ndata: {"type": "content_block_delta", "index": \n\n${end.join("")}`);
      return;
    case "silence":
      response.write(before);
      return;
    default:
      response.end(before + end.join(""));
  }
}

function natural(reply: Reply): "calls" | "end" {
  return (reply.calls ?? []).length > 0 ? "calls" : "end";
}

function finishOf(reply: Reply): string {
  return { end: "stop", calls: "tool_calls", length: "length", refusal: "content_filter", pause: "stop" }[reply.stop ?? natural(reply)];
}

type Counts = { input: number; output: number; cacheRead: number; cacheWrite: number };

function usageOf(reply: Reply, request: FakeRequest): Counts {
  const written = (reply.text ?? "").length + (reply.calls ?? []).reduce((sum, call) => sum + jsonOf(call).length, 0);
  return { input: 10 * (request.turn + 1), output: Math.max(1, Math.ceil(written / 4)), cacheRead: 0, cacheWrite: 0, ...reply.usage };
}

function chatUsage(usage: Counts): Record<string, unknown> {
  return {
    prompt_tokens: usage.input + usage.cacheRead,
    completion_tokens: usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
  };
}

function jsonOf(call: FakeCall): string {
  return call.json ?? JSON.stringify(call.arguments ?? {});
}

function cut(text: string, pieces = 4): string[] {
  if (text === "") return [];
  const size = Math.max(1, Math.ceil(text.length / pieces));
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}

function blocksOf(content: string | Block[] | null | undefined): Block[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  return content ?? [];
}

function textOf(content: string | Block[] | null | undefined): string {
  return blocksOf(content)
    .map((block) => (block.type === "text" ? (block.text ?? "") : ""))
    .join("");
}

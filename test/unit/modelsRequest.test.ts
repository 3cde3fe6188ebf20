// Request bodies and the table of models: that what is kept between turns changes nothing in what is sent, and that
// a model finds its own price.

import assert from "node:assert/strict";
import type { ModelMessage, ModelRequest } from "../../src/core/ports.ts";
import { requestBody } from "../../src/models/anthropicRequest.ts";
import { chatBody } from "../../src/models/chatRequest.ts";
import { familyOf } from "../../src/models/families.ts";
import { costOf } from "../../src/models/usage.ts";

const family = familyOf("anthropic", "claude-sonnet-4-5");

function conversation(turns: number): ModelMessage[] {
  const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: 'Say "hi"\n\u2028' }] }];
  for (let i = 0; i < turns; i++) {
    messages.push(
      { role: "assistant", content: [{ type: "text", text: `turn ${i}` }], calls: [{ callId: `c_${i}`, tool: "a__b", arguments: { i } }] },
      { role: "results", results: [{ callId: `c_${i}`, tool: "a__b", result: { ok: i % 2 === 0, code: "no", content: `result ${i}` } }] },
    );
  }
  return messages;
}

function request(messages: ModelMessage[]): ModelRequest {
  return { model: "x", system: "agent: x", messages, tools: [], maxTokens: 99 };
}

const bodies: [string, (messages: ModelMessage[]) => string][] = [
  ["messages", (messages) => requestBody("m", request(messages), family).toString()],
  ["chat", (messages) => chatBody("openai", "m", request(messages), family)],
];

for (const [name, bodyOf] of bodies) {
  describe(`the ${name} request`, () => {
    it("is the same whether its messages were sent before or are new", () => {
      const all = conversation(6);
      for (let length = 1; length <= all.length; length += 2) {
        const kept = bodyOf(all.slice(0, length));
        assert.equal(kept, bodyOf(structuredClone(all.slice(0, length))));
        assert.equal(JSON.stringify(JSON.parse(kept)), kept);
      }
    });

    it("alternates the roles also where messages are empty or follow one another", () => {
      const empty: ModelMessage = { role: "assistant", content: [{ type: "text", text: " " }], calls: [] };
      const [goal] = conversation(0);
      const sent = JSON.parse(bodyOf([goal!, empty, goal!, goal!])) as { messages: { role: string }[] };
      assert.deepEqual(
        sent.messages.filter((message) => message.role !== "system").map((message) => message.role),
        ["user"],
      );
    });
  });
}

describe("the messages request of a growing conversation", () => {
  const sent = (messages: ModelMessage[], model = "m"): string => requestBody(model, request(messages), family).toString();

  it("has the same bytes as one written anew, turn after turn", () => {
    const growing: ModelMessage[] = [];
    for (const message of conversation(12)) {
      growing.push(message);
      assert.equal(sent(growing), sent(structuredClone(growing)));
    }
  });

  it("is written anew where the conversation is no longer the one that was written", () => {
    const messages = conversation(6);
    sent(messages);
    messages.splice(0, 5);
    assert.equal(sent(messages), sent(structuredClone(messages)));
    assert.equal(sent(messages, "other"), sent(structuredClone(messages), "other"));
  });
});

describe("the table of models", () => {
  it("finds the longest prefix", () => {
    assert.equal(familyOf("anthropic", "claude-opus-4-5-20251101").price?.input, 5);
    assert.equal(familyOf("anthropic", "claude-opus-4-20250514").price?.input, 15);
    assert.equal(familyOf("openai", "gpt-5-mini-2025-08-07").price?.input, 0.25);
    assert.equal(familyOf("openai", "gpt-5").price?.input, 1.25);
  });

  it("knows no price where none was published, and calls local models free", () => {
    assert.equal(familyOf("openai", "my-own-model").price, undefined);
    assert.equal(costOf({ input: 1, output: 1, cacheRead: 0, cacheWrite: 0 }, familyOf("openai", "my-own-model").price), null);
    assert.equal(costOf({ input: 1e6, output: 1e6, cacheRead: 0, cacheWrite: 0 }, familyOf("ollama", "llama3").price), 0);
  });

  it("counts each kind of token at its own price", () => {
    const usage = { input: 1e6, output: 1e6, cacheRead: 1e6, cacheWrite: 1e6 };
    assert.equal(costOf(usage, familyOf("anthropic", "claude-sonnet-4-5").price)?.toFixed(2), "22.05");
  });

  it("sends a temperature only to models known to take one", () => {
    const takers = ["claude-sonnet-4-5", "claude-opus-4-6", "claude-haiku-4-5"];
    const refusers = [
      "claude-opus-4-7",
      "claude-opus-4-8",
      "claude-opus-5",
      "claude-sonnet-5",
      "claude-haiku-5-5",
      "claude-fable-5",
      "claude-next-7",
    ];
    assert.ok(takers.every((model) => familyOf("anthropic", model).sampling));
    assert.ok(refusers.every((model) => !familyOf("anthropic", model).sampling));
  });
});

describe("the marks of the messages request", () => {
  const tools = [{ name: "a__b", description: "d", inputSchema: {}, access: { effect: "read", idempotent: true, timeoutMs: 1 } }] as const;
  type Block = { cache_control?: unknown };
  type Body = { system: Block[]; tools: Block[]; messages: { content: Block[] }[] };

  const marksOf = (messages: ModelMessage[], steady?: number): { system: boolean; tools: boolean; messages: number[] } => {
    const given = { ...request(messages), tools: [...tools], ...(steady === undefined ? {} : { steady }) };
    const body = JSON.parse(requestBody("m", given, family).toString()) as Body;
    const isMarked = (blocks: Block[]): boolean => blocks.some((block) => block.cache_control !== undefined);
    const at = body.messages.flatMap(({ content }, i) => (isMarked(content) ? [i] : []));
    return { system: isMarked(body.system), tools: isMarked(body.tools), messages: at };
  };

  it("are on tools, system and the two newest messages of the user's side", () => {
    assert.deepEqual(marksOf(conversation(9)), { system: true, tools: true, messages: [16, 18] });
  });

  it("keep what outlives a compaction, at the same place turn after turn, and are never more than four", () => {
    const growing = conversation(6);
    for (const message of conversation(12).slice(growing.length)) {
      growing.push(message);
      if (message.role === "assistant") continue;
      const last = growing.length - 1;
      const marks = marksOf(growing, 5);
      assert.deepEqual(marks, { system: true, tools: false, messages: [4, last - 2, last] });
      assert.deepEqual(marksOf(structuredClone(growing), 5), marks);
    }
  });
});

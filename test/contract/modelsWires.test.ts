// What only one of the wire formats has: signed reasoning, cache marks and paused turns over messages; local servers and
// missing usage over chat; and who counts tokens.

import assert from "node:assert/strict";
import type { ModelMessage } from "../../src/core/ports.ts";
import { createModels } from "../../src/models/models.ts";
import { against, ask, call, closeServerAfterEach, local, server } from "./modelsFixture.ts";

describe("models over messages only", () => {
  closeServerAfterEach();
  const model = "anthropic:claude-sonnet-4-5";

  it("gives signed reasoning back unchanged, and only to the model that made it", async () => {
    const models = await against({ thinking: "Hm.", text: "Done." });
    const outcome = await call(models, ask(model));
    assert.equal(outcome.kind, "answer");
    if (outcome.kind !== "answer") return;
    assert.equal(outcome.content[0]?.type, "opaque");
    const messages: ModelMessage[] = [
      ...ask(model).messages,
      { role: "assistant", content: outcome.content, calls: [] },
      ...ask(model).messages,
    ];
    await call(models, ask(model, { messages }));
    await call(models, ask("anthropic:claude-opus-4-5", { messages }));
    const [, same, other] = server!.requests.map((request) => JSON.stringify((request.body["messages"] as unknown[])[1]));
    assert.match(same ?? "", /\{"type":"thinking","thinking":"Hm\.","signature":"signed"\}/);
    assert.doesNotMatch(other ?? "", /thinking/);
  });

  it("marks tools, system and the two newest messages for the cache, and nothing else", async () => {
    const models = await against({ text: "ok" });
    const messages: ModelMessage[] = [];
    for (let i = 0; i < 5; i++) {
      messages.push(
        { role: "user", content: [{ type: "text", text: `user ${i}` }] },
        { role: "assistant", content: [{ type: "text", text: "yes" }], calls: [] },
      );
    }
    messages.pop();
    await call(models, ask(model, { messages }));
    await call(
      models,
      ask(model, {
        messages: [...messages, { role: "assistant", content: [{ type: "text", text: "yes" }], calls: [] }, ...ask(model).messages],
      }),
    );
    for (const [index, newest] of [
      ["0", ["user 3", "user 4"]],
      ["1", ["user 4", "Do it."]],
    ] as const) {
      const { body } = server!.requests[Number(index)]!;
      assert.equal(JSON.stringify(body).split("cache_control").length - 1, 4);
      const marked = (body["messages"] as { content: { text: string; cache_control?: unknown }[] }[]).flatMap((message) =>
        message.content.filter((block) => block.cache_control),
      );
      assert.deepEqual(
        marked.map((block) => block.text),
        newest,
      );
      assert.ok((body["system"] as { cache_control?: unknown }[])[0]?.cache_control);
    }
  });

  it("counts the usage that was known before a failure", async () => {
    const models = await against({ text: "Some", usage: { input: 500 }, fault: { kind: "cut" } });
    const outcome = await call(models, ask(model));
    assert.ok(outcome.kind === "failed");
    assert.equal(outcome.usage.input, 500);
    assert.ok(outcome.costUsd !== null && outcome.costUsd > 0);
  });

  it("sends the key in both headers that servers look at", async () => {
    const models = await against({ text: "ok" });
    await call(models, ask(model));
    assert.deepEqual([server!.requests[0]?.headers.authorization, server!.requests[0]?.headers["x-api-key"]], ["Bearer k", "k"]);
    const byToken = createModels({ env: { ANTHROPIC_AUTH_TOKEN: "t", ANTHROPIC_BASE_URL: server!.url }, demoDir: "none" });
    await call(byToken, ask(model));
    assert.deepEqual([server!.requests[1]?.headers.authorization, server!.requests[1]?.headers["x-api-key"]], ["Bearer t", undefined]);
  });

  for (const usage of [undefined, { input_tokens: 0, output_tokens: 0 }])
    it(`estimates the usage that a server ${usage ? "reports as nothing" : "leaves out"}`, async () => {
      const events = [
        { type: "message_start", message: { id: "m", type: "message", role: "assistant", model, content: [], usage } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "x".repeat(400) } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "end_turn" }, usage },
        { type: "message_stop" },
      ];
      const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
      const models = await against({ fault: { kind: "other", contentType: "text/event-stream", body } });
      const outcome = await call(models, ask(model));
      assert.ok(outcome.kind === "answer", JSON.stringify(outcome));
      assert.equal(outcome.usage.output, 100);
      assert.ok(outcome.usage.input > 10 && outcome.costUsd !== null && outcome.costUsd > 0);
    });

  it("has no price for a model that it does not know", async () => {
    const models = await against({ text: "ok" });
    const outcome = await call(models, ask("anthropic:something-new"));
    assert.ok(outcome.kind === "answer" && outcome.costUsd === null);
  });

  it("keeps what a paused turn said", async () => {
    const models = await against({ text: "So far.", stop: "pause" });
    const outcome = await call(models, ask(model));
    assert.ok(outcome.kind === "answer" && outcome.stop === "end" && outcome.content.length === 1);
  });
});

describe("models over chat only", () => {
  closeServerAfterEach();
  const model = "lmstudio:qwen";

  it("needs no key for local servers, and costs nothing", async () => {
    const models = await local({ text: "hi" });
    for (const name of [model, "ollama:llama3:8b"]) {
      const outcome = await call(models, ask(name));
      assert.ok(outcome.kind === "answer" && outcome.costUsd === 0, JSON.stringify(outcome));
    }
    assert.deepEqual(
      server!.requests.map((request) => request.model),
      ["qwen", "llama3:8b"],
    );
    assert.equal(server!.requests[0]?.headers.authorization, undefined);
  });

  it("understands a server that does not stream", async () => {
    const models = await local({
      text: "whole",
      calls: [{ tool: "filesystem__read_file", arguments: { path: "a" } }],
      fault: { kind: "whole" },
    });
    const outcome = await call(models, ask(model));
    assert.equal(outcome.kind, "answer");
    if (outcome.kind !== "answer") return;
    assert.deepEqual(
      [outcome.content, outcome.calls],
      [[{ type: "text", text: "whole" }], [{ tool: "filesystem__read_file", arguments: { path: "a" } }]],
    );
    assert.ok(outcome.usage.input > 0 && outcome.usage.output > 0);
  });

  it("estimates the usage that a server leaves out", async () => {
    const models = await local({ text: "x".repeat(400), fault: { kind: "no_usage" } });
    const outcome = await call(models, ask(model));
    assert.ok(outcome.kind === "answer");
    assert.equal(outcome.usage.output, 100);
    assert.ok(outcome.usage.input > 10);
  });
});

describe("counting tokens", () => {
  closeServerAfterEach();
  const signal = new AbortController().signal;

  it("asks the provider where it counts", async () => {
    const models = await against({});
    const counted = await models.countTokens(ask("anthropic:claude-sonnet-4-5"), signal);
    const longer = await models.countTokens(ask("anthropic:claude-sonnet-4-5", { system: "x".repeat(40_000) }), signal);
    assert.ok(longer - counted > 9_000, `${counted} then ${longer}`);
    assert.equal(server!.requests.length, 0, "a count is no model call");
  });

  it("estimates where nobody counts, or nobody answers", async () => {
    const models = createModels({ env: { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: "http://127.0.0.1:9" }, demoDir: "none" });
    for (const model of ["anthropic:claude-sonnet-4-5", "lmstudio:any"]) {
      const counted = await models.countTokens(ask(model, { system: "x".repeat(40_000) }), signal);
      assert.ok(counted > 10_000 && counted < 11_000, String(counted));
    }
  });
});

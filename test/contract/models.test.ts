// Every provider against a real server on a real socket: what is sent, what is made of each answer, and that each fault
// is the outcome that core can act on. The server is ours; the wire formats are the vendors'.

import assert from "node:assert/strict";
import { createModels } from "../../src/models/models.ts";
import type { ModelDelta, ModelMessage, ModelOutcome, ModelRequest, ModelsPort, ToolSpec } from "../../src/core/ports.ts";
import { startFakeModelServer, type FakeHandler, type FakeModelServer, type Fault, type Reply } from "../support/fakeModelServer.ts";

const readFile: ToolSpec = {
  name: "filesystem__read_file",
  description: "Reads a file.",
  inputSchema: { type: "object", properties: { path: { type: "string" } } },
  access: { effect: "read", idempotent: true, timeoutMs: 1000 },
};

function ask(model: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: "Do it." }] }];
  return { model, system: "agent: typescript\nBe brief.", messages, tools: [readFile], maxTokens: 1000, ...more };
}

const wires = [
  { name: "messages", model: "anthropic:claude-sonnet-4-5" },
  { name: "chat", model: "openai:gpt-4.1" },
] as const;

let server: FakeModelServer | undefined;

async function against(handler: FakeHandler | Reply, silenceMs = 120_000): Promise<ModelsPort> {
  server = await startFakeModelServer(typeof handler === "function" ? handler : () => handler);
  const env = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: server.url, OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${server.url}/v1` };
  return createModels({ env, demoDir: "none", silenceMs });
}

async function local(reply: Reply): Promise<ModelsPort> {
  await against(reply);
  return createModels({ env: { LMSTUDIO_BASE_URL: `${server!.url}/v1`, OLLAMA_HOST: server!.url }, demoDir: "none" });
}

function call(
  models: ModelsPort,
  request: ModelRequest,
  deltas: ModelDelta[] = [],
  signal = new AbortController().signal,
): Promise<ModelOutcome> {
  return models.stream(request, (delta) => deltas.push(delta), signal);
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

for (const { name, model } of wires) {
  describe(`models over ${name}`, () => {
    it("streams text, with usage, cost and the model that answered", async () => {
      const models = await against({ text: "Hello there, this is the answer.", usage: { input: 100, output: 20, cacheRead: 1000 } });
      const deltas: ModelDelta[] = [];
      const outcome = await call(models, ask(model), deltas);
      assert.equal(outcome.kind, "answer");
      if (outcome.kind !== "answer") return;
      assert.deepEqual(outcome.content, [{ type: "text", text: "Hello there, this is the answer." }]);
      assert.equal(outcome.stop, "end");
      assert.deepEqual(outcome.usage, { input: 100, output: 20, cacheRead: 1000, cacheWrite: 0 });
      assert.equal(outcome.model, model);
      assert.ok(outcome.costUsd !== null && outcome.costUsd > 0);
      assert.equal(deltas.map((delta) => (delta.kind === "text" ? delta.text : "")).join(""), "Hello there, this is the answer.");
      assert.ok(deltas.length > 1);
    });

    it("carries calls and their results both ways under our ids", async () => {
      const models = await against({ text: "Reading.", calls: [{ tool: "filesystem__read_file", arguments: { path: "a.ts" } }] });
      const first = await call(models, ask(model));
      assert.equal(first.kind, "answer");
      if (first.kind !== "answer") return;
      assert.equal(first.stop, "calls");
      assert.deepEqual(first.calls, [{ tool: "filesystem__read_file", arguments: { path: "a.ts" } }]);
      const calls = [{ callId: "c_1" as const, tool: "filesystem__read_file", arguments: { path: "a.ts" } }];
      const messages: ModelMessage[] = [
        ...ask(model).messages,
        { role: "assistant", content: [{ type: "text", text: "" }, ...first.content], calls },
        {
          role: "results",
          results: [{ callId: "c_1", tool: "filesystem__read_file", result: { ok: false, code: "not_found", content: "no a.ts" } }],
        },
        { role: "user", content: [{ type: "text", text: "Go on." }] },
        { role: "user", content: [{ type: "text", text: "Now." }] },
      ];
      await call(models, ask(model, { messages }));
      const sent = server!.requests[1]!;
      assert.equal(sent.agent, "typescript");
      assert.deepEqual(sent.tools, ["filesystem__read_file"]);
      const body = JSON.stringify(sent.body);
      assert.match(body, /"c_1"/);
      assert.match(body, /no a\.ts/);
      assert.doesNotMatch(body, /"text":""/);
      const roles = (sent.body["messages"] as { role: string }[]).map((message) => message.role);
      assert.deepEqual(roles, name === "messages" ? ["user", "assistant", "user"] : ["system", "user", "assistant", "tool", "user"]);
    });

    it("keeps its connection over several calls", async () => {
      const models = await against({ text: "ok" });
      for (let i = 0; i < 4; i++) assert.equal((await call(models, ask(model))).kind, "answer");
      assert.equal(server!.connections(), 1);
    });

    it("turns unreadable call arguments into a call that says so", async () => {
      const models = await against({ calls: [{ tool: "filesystem__read_file", json: '{"path": "a' }] });
      const outcome = await call(models, ask(model));
      assert.equal(outcome.kind, "answer");
      if (outcome.kind !== "answer") return;
      assert.match(outcome.calls[0]?.invalid ?? "", /not valid JSON/);
      assert.equal(outcome.calls[0]?.arguments, '{"path": "a');
    });

    it("drops a call that the length limit cut off, and keeps the text", async () => {
      const models = await against({ text: "So far", calls: [{ tool: "filesystem__read_file", json: '{"path": "a' }], stop: "length" });
      const outcome = await call(models, ask(model));
      assert.equal(outcome.kind, "answer");
      if (outcome.kind !== "answer") return;
      assert.deepEqual([outcome.stop, outcome.calls, outcome.content.length], ["length", [], 1]);
    });

    it("reports refusals and empty answers as answers", async () => {
      const models = await against((_, index) => (index === 0 ? { text: "No.", stop: "refusal" } : {}));
      const refusal = await call(models, ask(model));
      const empty = await call(models, ask(model));
      assert.ok(refusal.kind === "answer" && empty.kind === "answer");
      assert.equal(refusal.stop, "refusal");
      assert.deepEqual([empty.stop, empty.content, empty.calls], ["end", [], []]);
    });

    it("sends a temperature only where the model takes one", async () => {
      const models = await against({ text: "ok" });
      await call(models, ask(model, { temperature: 0.2 }));
      await call(models, ask(name === "messages" ? "anthropic:claude-sonnet-5-5" : "openai:gpt-5", { temperature: 0.2 }));
      assert.deepEqual(
        server!.requests.map((request) => request.body["temperature"]),
        [0.2, undefined],
      );
    });

    const faults: { title: string; fault: Fault; code: string; retryable: boolean; retryAfterMs?: number }[] = [
      {
        title: "429 with a wait",
        fault: { kind: "status", status: 429, type: "rate_limit_error", message: "slow down", headers: { "retry-after": "7" } },
        code: "rate_limited",
        retryable: true,
        retryAfterMs: 7000,
      },
      {
        title: "429 for a spend limit",
        fault: { kind: "status", status: 429, type: "rate_limit_error", message: "limit reached", detail: "enforced_spend_limit_reached" },
        code: "spend_limit",
        retryable: false,
      },
      {
        title: "429 for a used-up quota",
        fault: { kind: "status", status: 429, type: "insufficient_quota", message: "You exceeded your current quota" },
        code: "spend_limit",
        retryable: false,
      },
      {
        title: "400 for missing credit",
        fault: { kind: "status", status: 400, type: "invalid_request_error", message: "Your credit balance is too low" },
        code: "spend_limit",
        retryable: false,
      },
      { title: "529", fault: { kind: "status", status: 529, type: "overloaded_error" }, code: "overloaded", retryable: true },
      { title: "503", fault: { kind: "status", status: 503 }, code: "server_error", retryable: true },
      {
        title: "500 with a page of HTML",
        fault: { kind: "status", status: 500, raw: "<html>oops</html>" },
        code: "server_error",
        retryable: true,
      },
      { title: "an overload inside a 200 stream", fault: { kind: "error_event" }, code: "overloaded", retryable: true },
      {
        title: "401",
        fault: { kind: "status", status: 401, type: "authentication_error", message: "bad key" },
        code: "denied",
        retryable: false,
      },
      { title: "403", fault: { kind: "status", status: 403, type: "permission_error" }, code: "denied", retryable: false },
      {
        title: "404",
        fault: { kind: "status", status: 404, type: "not_found_error", message: "model: nope" },
        code: "unknown_model",
        retryable: false,
      },
      {
        title: "a prompt that is too long",
        fault: { kind: "status", status: 400, type: "invalid_request_error", message: "prompt is too long: 9 > 8" },
        code: "too_long",
        retryable: false,
      },
      {
        title: "another 400",
        fault: { kind: "status", status: 400, type: "invalid_request_error", message: "tools.0: bad" },
        code: "bad_request",
        retryable: false,
      },
      { title: "a connection cut in the middle", fault: { kind: "cut" }, code: "unreachable", retryable: true },
      { title: "an answer that ends too early", fault: { kind: "early_end" }, code: "unreachable", retryable: true },
      { title: "an event that is not JSON", fault: { kind: "malformed" }, code: "invalid_response", retryable: true },
      {
        title: "a page in place of a stream",
        fault: { kind: "other", contentType: "text/html", body: "<html>welcome</html>" },
        code: "invalid_response",
        retryable: false,
      },
    ];
    for (const { title, fault, code, retryable, retryAfterMs } of faults) {
      it(`makes ${code} of ${title}`, async () => {
        const models = await against({ text: "Some text first", fault });
        const outcome = await call(models, ask(model));
        assert.equal(outcome.kind, "failed", JSON.stringify(outcome));
        if (outcome.kind !== "failed") return;
        assert.deepEqual([outcome.code, outcome.retryable], [code, retryable], outcome.message);
        assert.equal(outcome.retryAfterMs, retryAfterMs);
      });
    }

    for (const kind of ["silence", "no_answer"] as const) {
      it(`ends a call that stays silent (${kind}) as a timeout`, async () => {
        const models = await against({ text: "Some text", fault: { kind } }, 60);
        const outcome = await call(models, ask(model));
        assert.ok(outcome.kind === "failed" && outcome.code === "timeout" && outcome.retryable, JSON.stringify(outcome));
      });

      it(`is cancelled while the server stays silent (${kind})`, async () => {
        const asked = Promise.withResolvers<void>();
        const models = await against(() => {
          asked.resolve();
          return { text: "Some text", fault: { kind } };
        });
        const controller = new AbortController();
        const outcome = call(models, ask(model), [], controller.signal);
        await asked.promise;
        controller.abort();
        assert.equal((await outcome).kind, "cancelled");
      });
    }

    it("is unreachable where nothing listens", async () => {
      const models = await against({});
      await server!.close();
      const outcome = await call(models, ask(model));
      assert.ok(outcome.kind === "failed" && outcome.code === "unreachable" && outcome.retryable, JSON.stringify(outcome));
      assert.match(outcome.message, /ECONNREFUSED/);
    });

    it("does not retry by itself", async () => {
      const models = await against({ fault: { kind: "status", status: 529 } });
      await call(models, ask(model));
      assert.equal(server!.requests.length, 1);
    });
  });
}

describe("models over messages only", () => {
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

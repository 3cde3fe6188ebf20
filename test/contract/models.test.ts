// Every provider against a real server on a real socket: what is sent, what is made of each answer, and that each fault
// is the outcome that core can act on. The server is ours; the wire formats are the vendors'.

import assert from "node:assert/strict";
import type { ModelDelta, ModelMessage } from "../../src/core/ports.ts";
import type { Fault } from "../support/fakeModelServer.ts";
import { against, ask, call, closeServerAfterEach, server } from "./modelsFixture.ts";

const wires = [
  { name: "messages", model: "anthropic:claude-sonnet-4-5" },
  { name: "chat", model: "openai:gpt-4.1" },
] as const;

for (const { name, model } of wires) {
  describe(`models over ${name}`, () => {
    closeServerAfterEach();

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

    it("shows an image beside the words it came with", async () => {
      const models = await against({ text: "A cat." });
      const content = [
        { type: "text" as const, text: "What is it?" },
        { type: "image" as const, mediaType: "image/png", data: "aGVsbG8=" },
      ];
      const outcome = await call(models, ask(model, { messages: [{ role: "user", content }] }));
      assert.equal(outcome.kind, "answer");
      const messages = server!.requests[0]!.body["messages"] as { role: string; content: unknown }[];
      const message = messages.find(({ role }) => role === "user");
      const source = { type: "base64", media_type: "image/png", data: "aGVsbG8=" };
      const image =
        name === "messages"
          ? { type: "image", source, cache_control: { type: "ephemeral" } }
          : { type: "image_url", image_url: { url: "data:image/png;base64,aGVsbG8=" } };
      assert.deepEqual(message?.content, [{ type: "text", text: "What is it?" }, image]);
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

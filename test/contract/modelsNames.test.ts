// What is known of a model by its name alone, without a word over the network: whether it can be used, what is missing
// otherwise, and what it costs.

import assert from "node:assert/strict";
import { createModels } from "../../src/models/models.ts";

describe("naming a model", () => {
  const models = createModels({ env: {}, demoDir: "none", scripts: { test: { agents: {} } } });

  it("says what is possible for an unknown one", () => {
    for (const name of ["", "gpt-5", "vertex:x", "scripted:other", "constructor:x", "__proto__"]) {
      const answer = models.resolve(name);
      assert.ok(!answer.ok && answer.error.code === "no_model", name);
      assert.match(answer.error.message, /anthropic:MODEL.*demo/);
    }
  });

  it("names the variable that is missing", () => {
    for (const [name, variable] of [
      ["anthropic:claude-sonnet-4-5", /ANTHROPIC_API_KEY/],
      ["openai:gpt-5", /OPENAI_API_KEY/],
    ] as const) {
      const answer = models.resolve(name);
      assert.ok(!answer.ok);
      assert.match(answer.error.message, variable);
    }
  });

  it("needs a key for Anthropic also where a base URL is set", () => {
    const other = createModels({ env: { ANTHROPIC_BASE_URL: "http://127.0.0.1:1" }, demoDir: "none" });
    assert.equal(other.resolve("anthropic:claude-sonnet-4-5").ok, false);
  });

  it("knows both prices, or none", () => {
    const priced = createModels({ env: { ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k" }, demoDir: "none" });
    for (const [name, input, output] of [
      ["anthropic:claude-sonnet-4-5", 3, 15],
      ["openai:gpt-4.1", 2, 8],
      ["ollama:any", 0, 0],
      ["anthropic:something-new", undefined, undefined],
    ] as const) {
      const answer = priced.resolve(name);
      assert.ok(answer.ok);
      assert.deepEqual([answer.value.inputUsdPerMillion, answer.value.outputUsdPerMillion], [input, output], name);
    }
  });

  it("knows scripted models, and labels them", () => {
    for (const name of ["demo", "scripted:test"]) {
      const answer = models.resolve(name);
      assert.ok(answer.ok && answer.value.scripted);
    }
  });

  it("answers a call to a model that cannot be used with a failure", async () => {
    const outcome = await models.stream(
      { model: "anthropic:claude-sonnet-4-5", system: "", messages: [], tools: [], maxTokens: 10 },
      () => undefined,
      new AbortController().signal,
    );
    assert.ok(outcome.kind === "failed" && outcome.code === "no_key" && !outcome.retryable);
  });
});

// The scripted model on small scripts: which scene is played, what is captured, how it branches, how it fails.

import assert from "node:assert/strict";
import { createModels } from "../../src/models/models.ts";
import { readScript, type ScriptSource } from "../../src/models/script.ts";
import type { ModelDelta, ModelMessage, ModelOutcome, ModelRequest, ModelsPort, ToolSpec } from "../../src/core/ports.ts";
import type { CallResult } from "../../src/protocol/events.ts";

const submit: ToolSpec = {
  name: "agents__submit_result",
  description: "",
  inputSchema: {},
  access: { effect: "control", idempotent: true, timeoutMs: null },
};

function modelsWith(script: ScriptSource): ModelsPort {
  return createModels({ env: {}, demoDir: "none", scripts: { test: script } });
}

function user(text: string): ModelMessage {
  return { role: "user", content: [{ type: "text", text }] };
}

function assistant(text = "…"): ModelMessage {
  return { role: "assistant", content: [{ type: "text", text }], calls: [] };
}

function results(...given: (string | CallResult)[]): ModelMessage {
  const asResult = (one: string | CallResult): CallResult => (typeof one === "string" ? { ok: true, content: one } : one);
  return { role: "results", results: given.map((one, i) => ({ callId: `c_${i}`, tool: "filesystem__read_file", result: asResult(one) })) };
}

function ask(messages: ModelMessage[], agent = "writer"): ModelRequest {
  return { model: "scripted:test", system: `agent: ${agent}\nWork.`, messages, tools: [submit], maxTokens: 100 };
}

async function answer(script: ScriptSource, messages: ModelMessage[], agent?: string): Promise<Extract<ModelOutcome, { kind: "answer" }>> {
  const outcome = await modelsWith(script).stream(ask(messages, agent), () => undefined, new AbortController().signal);
  assert.equal(outcome.kind, "answer", JSON.stringify(outcome));
  return outcome;
}

function textOf(outcome: Extract<ModelOutcome, { kind: "answer" }>): string {
  return outcome.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** The summary of a failed result, if that is what was handed in. */
function failure(outcome: Extract<ModelOutcome, { kind: "answer" }>): string | undefined {
  const { status, summary } = (outcome.calls[0]?.arguments ?? {}) as { status?: string; summary?: string };
  return status === "failed" ? summary : undefined;
}

const twoScenes: ScriptSource = `
agents:
  writer:
    - when: { goal: 'paint (\\w+)' }
      turns: [{ say: painting }, { say: painted }]
    - turns: [{ say: anything }, { say: more }]
`;

describe("the scripted model: scenes", () => {
  it("plays the first scene whose goal matches, in any case", async () => {
    assert.equal(textOf(await answer(twoScenes, [user("Please PAINT it")])), "painting");
    assert.equal(textOf(await answer(twoScenes, [user("Something else")])), "anything");
  });

  it("takes its place from the conversation, so that a new process goes on where the old one was", async () => {
    assert.equal(textOf(await answer(twoScenes, [user("paint it"), assistant()])), "painted");
  });

  it("begins anew with a new goal, and is not thrown off by a message that is none", async () => {
    const nudged = [user("paint it"), assistant(), user("Go on.")];
    assert.equal(textOf(await answer(twoScenes, nudged)), "painted");
    assert.equal(textOf(await answer(twoScenes, [...nudged, assistant(), user("now paint that")])), "painting");
  });

  it("takes user messages that follow one another as one", async () => {
    assert.equal(textOf(await answer(twoScenes, [user("First this:"), user("paint it"), assistant()])), "painted");
  });

  it("says so when the scene has ended, and when there is none", async () => {
    assert.match(textOf(await answer(twoScenes, [user("paint it"), assistant(), assistant()])), /scene has ended/);
    assert.match(failure(await answer(twoScenes, [user("paint it")], "stranger")) ?? "", /no scene of "stranger"/);
  });

  it("reports a failure in text where no result can be handed in", async () => {
    const request = { ...ask([user("x")], "stranger"), tools: [] };
    const outcome = await modelsWith(twoScenes).stream(request, () => undefined, new AbortController().signal);
    assert.ok(outcome.kind === "answer" && outcome.calls.length === 0);
    assert.match(textOf(outcome), /scripted agent cannot go on/);
  });
});

const reacting: ScriptSource = `
tables: { plural: { mouse: mice } }
agents:
  writer:
    - turns:
        - capture: { thing: { from: goal, regex: 'make (\\w+)' } }
          calls: [{ tool: filesystem__read_file, arguments: { path: 'src/{{thing}}.ts', options: [{ limit: 3, name: '{{thing | capital}}' }] } }]
        - capture: { type: 'type (\\w+)' }
          either:
            - if: { results: 'checked', without: 'unchecked' }
              say: 'good {{type}}'
            - if: { goal: 'strictly' }
              say: 'bad {{type}}'
            - say: 'unsure of {{type | lower}}, {{thing | plural}}'
        - expect: 'ok'
          say: 'end of {{thing}} {{type | words}}'
`;

describe("the scripted model: reacting", () => {
  it("fills names into the arguments of calls, at any depth", async () => {
    const { calls, stop } = await answer(reacting, [user("make mouse")]);
    assert.equal(stop, "calls");
    assert.deepEqual(calls, [
      { tool: "filesystem__read_file", arguments: { path: "src/mouse.ts", options: [{ limit: 3, name: "Mouse" }] } },
    ]);
  });

  it("branches on what was really found", async () => {
    const at = (goal: string, found: string): Promise<string> => answer(reacting, [user(goal), assistant(), results(found)]).then(textOf);
    assert.equal(await at("make mouse", "type Mouse // checked"), "good Mouse");
    assert.equal(await at("make mouse strictly", "type Mouse // unchecked, checked"), "bad Mouse");
    assert.equal(await at("make mouse", "type Mouse"), "unsure of mouse, mice");
  });

  it("keeps captured names for later turns, from the results of their own turn", async () => {
    const messages = [user("make mouse"), assistant(), results("type FieldMouse", "more"), assistant(), results("ok, type Other")];
    assert.equal(textOf(await answer(reacting, messages)), "end of mouse field mouse");
  });

  it("fails honestly where a tool failed, an expectation or a capture is not met, or a table has no word", async () => {
    const at = async (...rest: ModelMessage[]): Promise<string | undefined> =>
      failure(await answer(reacting, [user("make mouse"), assistant(), ...rest]));
    assert.match(
      (await at(results({ ok: false, code: "not_found", content: "no such file" }))) ?? "",
      /filesystem__read_file failed \(not_found\)/,
    );
    assert.match((await at(results("nothing"))) ?? "", /"type", was not found in the results/);
    assert.match((await at(results("type A"), assistant(), results("no"))) ?? "", /Expected to find \/ok\//);
    const cat = await answer(reacting, [user("make cat"), assistant(), results("type Cat")]);
    assert.match(failure(cat) ?? "", /no "plural" for "cat"/);
  });

  it("goes on after a failed tool where the scene allows for it", async () => {
    const script = { agents: { writer: [{ turns: [{ say: "try" }, { tolerate: true, say: "as expected" }] }] } };
    const messages = [user("x"), assistant(), results({ ok: false, code: "no_match", content: "" })];
    assert.equal(textOf(await answer(script, messages)), "as expected");
  });
});

describe("the scripted model: faults and streaming", () => {
  const faulty = { agents: { writer: [{ turns: [{ fault: { code: "overloaded", times: 2, retryAfterMs: 5 }, say: "at last" }] }] } };
  const signal = new AbortController().signal;

  it("fails as often as it is told, and then answers", async () => {
    const models = modelsWith(faulty);
    const kinds: string[] = [];
    for (let i = 0; i < 3; i++) {
      const outcome = await models.stream(ask([user("x")]), () => undefined, signal);
      kinds.push(outcome.kind === "failed" ? `${outcome.code} ${outcome.retryable} ${outcome.retryAfterMs}` : outcome.kind);
    }
    assert.deepEqual(kinds, ["overloaded true 5", "overloaded true 5", "answer"]);
  });

  it("streams its text in pieces, and costs nothing", async () => {
    const deltas: ModelDelta[] = [];
    const script = { agents: { writer: [{ turns: [{ say: "a text of some length", calls: [{ tool: "t" }] }] }] } };
    const outcome = await modelsWith(script).stream(ask([user("x")]), (delta) => deltas.push(delta), signal);
    assert.equal(deltas.map((delta) => (delta.kind === "text" ? delta.text : "")).join(""), "a text of some length");
    assert.ok(deltas.length > 2 && deltas.at(-1)?.kind === "call");
    assert.ok(outcome.kind === "answer" && outcome.costUsd === 0 && outcome.usage.input > 0 && outcome.usage.output > 0);
  });

  it("counts the same usage for the same conversation", async () => {
    const [a, b] = [await answer(twoScenes, [user("paint it")]), await answer(twoScenes, [user("paint it")])];
    assert.deepEqual(a, b);
  });

  it("ends soon after it is cancelled, however long it would think", async () => {
    const slow = { agents: { writer: [{ turns: [{ delayMs: 60_000, say: "late" }] }] } };
    const controller = new AbortController();
    const outcome = modelsWith(slow).stream(ask([user("x")]), () => undefined, controller.signal);
    controller.abort();
    assert.equal((await outcome).kind, "cancelled");
  });

  it("can play a refusal, a cut answer and unreadable arguments", async () => {
    const script = {
      agents: { writer: [{ turns: [{ say: "no", stop: "refusal" as const }, { calls: [{ tool: "t", invalid: "not JSON" }] }] }] },
    };
    assert.equal((await answer(script, [user("x")])).stop, "refusal");
    assert.equal((await answer(script, [user("x"), assistant()])).calls[0]?.invalid, "not JSON");
  });
});

describe("reading a script", () => {
  it("names the place of a fault", () => {
    assert.throws(() => readScript("agents: { writer: [{ turns: [{ sya: x }] }] }"), /agents\.writer\.0\.turns\.0/);
    assert.throws(() => readScript("agents: { writer: [{ turns: [{ expect: '(' }] }] }"), /not a regular expression/);
  });

  it("makes a broken script a failed call, not a crash", async () => {
    const models = modelsWith("agents: 3");
    const outcome = await models.stream(ask([user("x")]), () => undefined, new AbortController().signal);
    assert.ok(outcome.kind === "failed" && outcome.code === "bad_request" && !outcome.retryable);
  });
});

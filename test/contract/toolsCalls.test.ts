// What every call has in common: through MCP, with its own timeout, cancellable, bounded, never rejecting.

import assert from "node:assert/strict";
import { mock } from "node:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskControl } from "../../src/core/ports.ts";
import type { TaskResult } from "../../src/protocol/agents.ts";
import type { CallResult } from "../../src/protocol/events.ts";
import { codeOf, noControl, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

const good = (content: string): Promise<CallResult> => Promise.resolve({ ok: true, content });
const never = (): Promise<CallResult> => new Promise(() => undefined);

describe("tool calls", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(async () => {
    mock.timers.reset();
    await bench.close();
  });

  it("lists every tool once, with a schema that a model can use", async () => {
    const specs = await bench.tools.list();
    const names = specs.map((spec) => spec.name);
    assert.equal(new Set(names).size, names.length);
    const expected: Record<string, string[]> = {
      filesystem: ["read_file", "write_file", "edit_file", "list_directory", "find_files", "search_text", "move", "delete"],
      shell: ["run"],
      git: ["status", "diff", "log", "show", "blame", "commit"],
      agents: ["submit_plan", "submit_result", "delegate", "recall", "ask_user", "request_debug", "report_progress"],
      web: ["fetch"],
    };
    const wanted = Object.entries(expected).flatMap(([server, tools]) => tools.map((tool) => `${server}__${tool}`));
    assert.deepEqual(names.toSorted(), wanted.toSorted());
    for (const spec of specs) {
      assert.equal(spec.inputSchema["type"], "object", spec.name);
      assert.ok(spec.description.length > 20, spec.name);
      assert.ok(!JSON.stringify(spec.inputSchema).includes("$schema"), spec.name);
    }
  });

  it("says what each tool can do to the world", async () => {
    const access = Object.fromEntries((await bench.tools.list()).map((spec) => [spec.name, spec.access]));
    assert.deepEqual(access["filesystem__read_file"], { effect: "read", idempotent: true, timeoutMs: 30_000 });
    assert.equal(access["filesystem__write_file"]?.idempotent, true);
    assert.equal(access["filesystem__edit_file"]?.idempotent, false);
    assert.equal(access["shell__run"]?.effect, "execute");
    assert.ok((access["shell__run"]?.timeoutMs ?? 0) > 600_000);
    assert.deepEqual(access["agents__ask_user"], { effect: "control", idempotent: false, timeoutMs: null });
    assert.equal(access["agents__delegate"]?.timeoutMs, null);
  });

  it("answers unknown tools and wrong arguments with a code and the way out", async () => {
    const unknown = await bench.call("filesystem__raed_file", {});
    assert.equal(codeOf(unknown), "unknown_tool");
    assert.match(unknown.content, /filesystem__read_file/);
    const wrong = await bench.call("filesystem__read_file", { path: 7, limit: 0 });
    assert.equal(codeOf(wrong), "invalid_arguments");
    assert.match(wrong.content, /path: .*limit: /);
    for (const args of [undefined, null, "x", [], 3])
      assert.equal(codeOf(await bench.call("filesystem__read_file", args)), "invalid_arguments");
  });

  it("keeps the scopes of calls at the same time apart", async () => {
    const others = await Promise.all(Array.from({ length: 20 }, () => openBench()));
    await Promise.all(others.map((other, i) => other.put("who.txt", `${i}`)));
    const answers = await Promise.all(
      others.map((other) => bench.call("filesystem__read_file", { path: "who.txt" }, { root: other.root })),
    );
    assert.deepEqual(
      answers.map((answer) => answer.content),
      others.map((_, i) => `${i}`),
    );
    await Promise.all(others.map((other) => other.close()));
  });

  it("never lets a scope be claimed by a call's own arguments", async () => {
    await bench.put("a.txt", "a");
    const stolen = { path: "a.txt", _meta: { "agent-orchestrator/call": "guess" }, root: "/" };
    assert.equal((await bench.call("filesystem__read_file", stolen)).content, "a");
  });

  describe("timeouts", () => {
    it("lets a call of 90 seconds live, where MCP's own default would end it", async () => {
      await bench.call("shell__run", { command: "mkfifo pipe" });
      mock.timers.enable({ apis: ["setTimeout"] });
      const running = bench.call("shell__run", { command: "touch begun; cat pipe" });
      await appears("begun");
      mock.timers.tick(90_000);
      await writeFile(join(bench.root, "pipe"), "still here\n");
      assert.equal((await running).content, "still here\nexit code 0");
    });

    it("lets a question wait for a person for a week", async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      let answer: (result: CallResult) => void = () => assert.fail("nothing was asked");
      const control: TaskControl = { ...noControl, ask: () => new Promise((resolve) => (answer = resolve)) };
      const running = bench.call("agents__ask_user", { question: "Which?" }, { control });
      await turnsOfTheLoop();
      mock.timers.tick(7 * 24 * 3600 * 1000);
      await turnsOfTheLoop();
      answer({ ok: true, content: "this one" });
      assert.equal((await running).content, "this one");
    });

    it("ends a tool of 30 seconds after 30 seconds, not before", async () => {
      mock.timers.enable({ apis: ["setTimeout"] });
      let result: CallResult | undefined;
      const control: TaskControl = { ...noControl, reportProgress: never };
      const running = bench.call("agents__report_progress", { summary: "s" }, { control }).then((ended) => (result = ended));
      await turnsOfTheLoop();
      mock.timers.tick(29_999);
      await turnsOfTheLoop();
      assert.equal(result, undefined);
      mock.timers.tick(1);
      assert.equal(codeOf(await running), "timeout");
    });

    /** Lets everything happen that waits for no timer. */
    async function turnsOfTheLoop(): Promise<void> {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }

    async function appears(file: string): Promise<void> {
      for (let turn = 0; turn < 1_000_000; turn++) {
        if ((await bench.get(file).catch(() => undefined)) !== undefined) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.fail(`${file} did not appear`);
    }
  });

  it("ends a waiting question at once when it is cancelled", async () => {
    const controller = new AbortController();
    const running = bench.call("agents__ask_user", { question: "Which?" }, { control: { ...noControl, ask: never } }, controller.signal);
    setImmediate(() => controller.abort());
    assert.equal(codeOf(await running), "cancelled");
  });

  it("keeps the result of a command when its long output cannot be stored", async () => {
    const other = await openBench({ saveOutput: () => Promise.reject(new Error("disk full")) });
    const result = await other.call("shell__run", { command: "seq 1 20000" });
    assert.ok(result.ok && result.artifact === undefined && result.content.endsWith("exit code 0"));
    await other.close();
  });

  it("turns a fault behind a tool into a result", async () => {
    const control: TaskControl = { ...noControl, submitResult: () => Promise.reject(new Error("boom")) };
    const result = await bench.call("agents__submit_result", { summary: "s", status: "done" }, { control });
    assert.equal(codeOf(result), "internal_error");
    assert.match(result.content, /agents__submit_result .*boom/);
  });

  describe("agents tools", () => {
    it("hand to the engine exactly what was said", async () => {
      const heard: unknown[] = [];
      const hear = (word: string) => (value: unknown) => {
        heard.push([word, value]);
        return good("noted");
      };
      const control = {
        submitPlan: hear("plan"),
        submitResult: hear("result"),
        delegate: hear("delegate"),
        ask: hear("ask"),
        reportProgress: hear("progress"),
        recall: hear("recall"),
      };
      const steps = [{ id: "a", type: "generate", goal: "g", extra: 1 }];
      const result = {
        summary: "s",
        status: "done",
        score: 0.9,
        findings: [{ severity: "low", file: "a.ts", line: 3, message: "m" }],
        data: { x: 1 },
      };
      for (const [tool, args] of [
        ["submit_plan", { steps, rationale: "r" }],
        ["submit_result", result],
        ["delegate", { agent: "rust", goal: "g", input: { a: 1 } }],
        ["ask_user", { question: "q", choices: ["a", "b"] }],
        ["request_debug", { problem: "p", tried: ["one", "two"] }],
        ["report_progress", { summary: "s", percent: 50 }],
        ["recall", { item: 3, offset: 10 }],
      ] as const)
        assert.deepEqual(await bench.call(`agents__${tool}`, args, { control }), { ok: true, content: "noted" }, tool);
      assert.deepEqual(heard, [
        ["plan", { steps, rationale: "r" }],
        ["result", result],
        ["delegate", { agent: "rust", goal: "g", input: { a: 1 } }],
        ["ask", { kind: "user_input", text: "q", choices: ["a", "b"] }],
        ["ask", { kind: "debug_request", text: "p\n\nTried so far:\n- one\n- two" }],
        ["progress", { summary: "s", percent: 50 }],
        ["recall", { item: 3, offset: 10 }],
      ]);
    });

    it("understand every word for how bad a finding is", async () => {
      const heard: TaskResult[] = [];
      const submitResult = (result: TaskResult): Promise<CallResult> => (heard.push(result), good("noted"));
      const words = ["minor", "Major", "error", " WARNING ", "blocker", "odd", "critical", "info", undefined, null];
      const findings: object[] = words.map((severity) => ({ severity, message: "m" }));
      findings.push({ severity: "high", message: "m", file: null, line: "12-14" }, { message: "m", line: null, file: "a.ts" });
      const args = { summary: "s", status: "done", findings };
      assert.equal(codeOf(await bench.call("agents__submit_result", args, { control: { ...noControl, submitResult } })), "ok");
      assert.deepEqual(
        heard[0]?.findings?.slice(0, words.length).map((finding) => finding.severity),
        ["low", "high", "high", "medium", "critical", "medium", "critical", "info", "medium", "medium"],
      );
      assert.deepEqual(heard[0]?.findings?.slice(words.length), [
        { severity: "high", line: 12, message: "m" },
        { severity: "medium", file: "a.ts", message: "m" },
      ]);
      const without = { ...args, findings: [{ severity: "high" }] };
      assert.equal(codeOf(await bench.call("agents__submit_result", without)), "invalid_arguments");
    });

    it("refuse what has not the shape", async () => {
      const code = async (tool: string, args: object): Promise<string> => codeOf(await bench.call(`agents__${tool}`, args));
      assert.equal(await code("submit_plan", { steps: [] }), "invalid_arguments");
      assert.equal(await code("submit_plan", { steps: [{ id: "a" }] }), "invalid_arguments");
      assert.equal(await code("submit_result", { summary: "s", status: "great" }), "invalid_arguments");
      assert.equal(await code("submit_result", { summary: "s", status: "done", score: 7 }), "invalid_arguments");
      assert.equal(await code("ask_user", {}), "invalid_arguments");
    });
  });
});

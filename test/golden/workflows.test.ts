// Whole workflows on a scripted team, each compared with the story on file.

import assert from "node:assert/strict";
import { createMemoryWorkspace } from "../support/memoryWorkspace.ts";
import { createWorld, runGoal } from "../support/world.ts";
import { stories } from "../sim/story.ts";
import { briefIn, call, cast, goodReviewers, hand, matches, planOf, read, write } from "./golden.ts";
import type { CallResult } from "../../src/protocol/events.ts";

const passed: CallResult = { ok: true, content: "all passed", details: { exitCode: 0, durationMs: 1 } };
const broke: CallResult = { ok: false, code: "exit", content: "1 failing: greet", details: { exitCode: 1, durationMs: 1 } };

const tester = [{ calls: [write("test/greet.test.ts", "// tests\n")] }, hand({ summary: "tests written" })];
const writer = [{ calls: [write("src/greet.ts", "greet\n")] }, hand({ summary: "greet is there" })];
const scribe = [{ calls: [write("README.md", "# greet\n")] }, hand({ summary: "described" })];
const speaker = [{ text: "All is done." }];

describe("golden: workflows", () => {
  for (const [name, title] of [
    ["auto-fix-round", "the team, with a fix round"],
    ["parallel-conflict", "parallel steps that conflict"],
    ["delegated-writing", "a lead that delegates writing"],
  ] as const)
    it(name, async () => {
      const story = stories.find((one) => one.name === title)!;
      const world = await createWorld(story);
      const { sessionId } = await runGoal(world, story.goal, story.config);
      await matches(name, world, sessionId);
    });

  it("sequential", async () => {
    const model = cast({ typescript: writer, "unit-test": tester, "readme-generator": scribe, coordinator: speaker, ...goodReviewers });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "Add greet", { workflow: "sequential" });
    await matches("sequential", world, sessionId);
  });

  it("sequential, the tests fail once", async () => {
    const fixed = "greet, mended\n";
    const model = cast({
      typescript: (request, ask) => {
        const text = briefIn(request).includes("1 failing") ? fixed : "greet\n";
        return ask % 2 === 0 ? { calls: [write("src/greet.ts", text)] } : hand({ summary: `wrote ${text}` });
      },
      "unit-test": tester,
      "readme-generator": scribe,
      coordinator: speaker,
      ...goodReviewers,
    });
    const world = await createWorld({ model, shell: (_command, files) => (files["src/greet.ts"] === fixed ? passed : broke) });
    const { sessionId } = await runGoal(world, "Add greet", { workflow: "sequential" });
    await matches("sequential-failing-test", world, sessionId);
  });

  it("parallel steps that fit together", async () => {
    const model = cast({
      planning: [
        planOf(
          { id: "a", type: "generate", goal: "Write a" },
          { id: "b", type: "generate", goal: "Write b" },
          { id: "test", type: "test", goal: "Test both", dependsOn: ["a", "b"] },
        ),
      ],
      typescript: (request) => {
        const name = briefIn(request).slice(6, 7);
        return request.messages.length === 1 ? { calls: [write(`${name}.ts`, `${name}\n`)] } : hand({ summary: `${name} is there` });
      },
      "unit-test": tester,
      coordinator: speaker,
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "Implement a and b", { workflow: "parallel" });
    await matches("parallel", world, sessionId);
  });

  it("parallel steps that fit by their text and not together: the second is sent back with both sides", async () => {
    const briefs: string[] = [];
    const model = cast({
      planning: [planOf({ id: "a", type: "generate", goal: "Write a" }, { id: "b", type: "generate", goal: "Write b" })],
      typescript: (request, ask) => {
        const brief = briefIn(request);
        if (brief.includes("could not be joined") && request.messages.length === 1) briefs.push(brief);
        const mended = brief.includes("could not be joined") ? ", mended" : "";
        const name = brief.slice(6, 7);
        return request.messages.length === 1
          ? { calls: [write(`${name}.ts`, `${name}${mended}\n`)] }
          : hand({ summary: `${name} is there (${ask})` });
      },
      coordinator: speaker,
    });
    const fits = ({ "a.ts": a = "", "b.ts": b = "" }: Record<string, string>): boolean =>
      [a, b].join("").includes("mended") || a === "" || b === "";
    const world = await createWorld({ model, shell: (_command, files) => (fits(files) ? passed : broke) });
    const { sessionId } = await runGoal(world, "Implement a and b", { workflow: "parallel" });
    await matches("parallel-breaks-together", world, sessionId);
    assert.equal(briefs.length, 1);
    for (const part of ["Its goal was: Write", "1 failing: greet", "The other work (step ", "Its patch"])
      assert.ok(briefs[0]!.includes(part), part);
  });

  it("what failed before is not held against work that is joined", async () => {
    const model = cast({
      planning: [planOf({ id: "a", type: "generate", goal: "Write a" }, { id: "b", type: "generate", goal: "Write b" })],
      typescript: (request) => {
        const name = briefIn(request).slice(6, 7);
        return request.messages.length === 1 ? { calls: [write(`${name}.ts`, `${name}\n`)] } : hand({ summary: `${name} is there` });
      },
      coordinator: speaker,
    });
    const world = await createWorld({ model, shell: () => broke });
    const { sessionId } = await runGoal(world, "Implement a and b", { workflow: "parallel" });
    await matches("parallel-broken-before", world, sessionId);
  });

  it("consensus, one candidate is chosen", async () => {
    const model = cast({
      typescript: (request) => {
        const which = /candidate: (\d)/.exec(briefIn(request))?.[1];
        return request.messages.length === 1
          ? { calls: [write("src/greet.ts", `greet ${which}\n`)] }
          : hand({ summary: `candidate ${which}, on ${request.model}` });
      },
      synthesis: [hand({ summary: "the second is simpler", data: { choose: "candidate-2" } })],
      "unit-test": tester,
      coordinator: speaker,
    });
    const world = await createWorld({ model });
    const config = { workflow: "consensus", models: ["scripted:one", "scripted:two"] };
    const { sessionId } = await runGoal(world, "Add greet", config);
    await matches("consensus", world, sessionId);
  });

  it("consensus, a candidate that fails leaves the other to be chosen; where all fail so does the run", async () => {
    const play = (good: string[]) =>
      cast({
        typescript: (request) => {
          const which = /candidate: (\d)/.exec(briefIn(request))?.[1];
          if (!good.includes(which!)) return hand({ summary: `candidate ${which} gives up`, status: "failed" });
          return request.messages.length === 1
            ? { calls: [write("src/greet.ts", `greet ${which}\n`)] }
            : hand({ summary: `candidate ${which}` });
        },
        synthesis: [hand({ summary: "there is but one", data: { choose: "candidate-2" } })],
        "unit-test": tester,
        coordinator: speaker,
      });
    const config = { workflow: "consensus", models: ["scripted:one", "scripted:two"] };
    const world = await createWorld({ model: play(["2"]) });
    const { sessionId } = await runGoal(world, "Add greet", config);
    assert.equal((await world.engine.state(sessionId))?.status, "done");
    assert.equal(world.workspace.user["src/greet.ts"], "greet 2\n");
    await matches("consensus-one-fails", world, sessionId);
    const hopeless = await createWorld({ model: play([]) });
    const failed = await runGoal(hopeless, "Add greet", config);
    const { status, run } = (await hopeless.engine.state(failed.sessionId))!;
    assert.equal(status, "failed");
    assert.match(run!.reason!, /candidate-1 failed/);
    assert.equal(run!.plan!.find((step) => step.id === "synthesis")?.status, "pending");
  });

  it("question", async () => {
    const model = cast({ coordinator: [{ calls: [read("README.md")] }, { text: "It is a sample." }] });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "What is this project?");
    await matches("question", world, sessionId);
  });

  it("small edit", async () => {
    const model = cast({ typescript: [{ calls: [write("README.md", "# Example\n")] }, hand({ summary: "typo mended" })] });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "Fix the typo in README.md");
    await matches("small-edit", world, sessionId);
  });

  it("planning hands a part to task decomposition", async () => {
    const model = cast({
      planning: [
        { calls: [call("agents__delegate", { agent: "task-decomposition", goal: "Break it down" })] },
        planOf({ id: "a", type: "generate", goal: "Write a" }),
      ],
      "task-decomposition": [hand({ summary: "one step is enough" })],
      typescript: writer,
      ...goodReviewers,
      coordinator: speaker,
    });
    const world = await createWorld({ model });
    const { sessionId } = await runGoal(world, "Implement a large feature");
    await matches("decomposition", world, sessionId);
  });

  it("the last check fails on the joined result", async () => {
    let runs = 0;
    const model = cast({ typescript: writer, "unit-test": tester, "readme-generator": scribe, coordinator: speaker, ...goodReviewers });
    const world = await createWorld({ model, shell: () => (++runs === 1 ? passed : broke) });
    const { sessionId } = await runGoal(world, "Add greet", { workflow: "sequential" });
    await matches("failing-final-check", world, sessionId);
  });

  it("tests that nobody ran leave the result unproven", async () => {
    const model = cast({ typescript: writer, "unit-test": tester, "readme-generator": scribe, coordinator: speaker, ...goodReviewers });
    const world = await createWorld({ model, workspace: createMemoryWorkspace({ "README.md": "# Sample\n" }, null) });
    const { sessionId } = await runGoal(world, "Add greet", { workflow: "sequential" });
    await matches("unproven", world, sessionId);
  });
});

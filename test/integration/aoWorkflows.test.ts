// `ao run` as a user runs it, against a server that speaks the Messages API over a real socket with streaming: all four
// workflows, the record they leave, and what a landing does to the user's files.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KnownEvent, TraceEvent } from "../../src/protocol/events.ts";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

const model = "anthropic:claude-sonnet-4-5";

describe("ao run, over the Messages API", () => {
  let home: Home;
  let server: FakeModelServer;

  beforeEach(() => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  const run = async (goal: string, args: string[], team = teamModel()) => {
    server = await startFakeModelServer(team);
    const workspace = home.project(teamProject);
    const ended = await home.ao(["run", goal, "--workspace", workspace, "--model", model, ...args], { ANTHROPIC_BASE_URL: server.url });
    return { workspace, ended, events: await home.events(sessionIn(ended)) };
  };

  it("auto: plans, generates, reviews below 0.8, fixes, tests with a receipt, documents, lands", async () => {
    const { workspace, ended, events } = await run(
      "Implement adding, with tests and documentation",
      ["--level", "bypass"],
      teamModel({ scores: [0.5, 0.9] }),
    );
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(readFileSync(join(workspace, "added.mjs"), "utf8"), /^\/\/ mended/);
    assert.deepEqual(scores(events), [0.5, 0.9]);
    assert.ok(of(events, "receipt.issued").every(({ payload }) => payload.exitCode === 0));
    assert.deepEqual(steps(events), ["add", "review", "review.fix1", "review.2", "test", "docs"]);
    assert.deepEqual(
      events.map((event) => event.seq),
      events.map((_, i) => i + 1),
    );
    assert.ok(of(events, "turn.ended").every(({ payload }) => payload.usage.output > 0 && payload.costUsd !== null));
    assert.match(ended.stdout, /All is done/);
  });

  it("sequential: generate, review, test, document without a planner", async () => {
    const { ended, events } = await run("Write added.mjs", ["--workflow", "sequential", "--level", "bypass"]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.deepEqual(steps(events), ["generate", "review", "test", "document"]);
    assert.ok(!server.requests.some((request) => request.agent === "planning"));
  });

  it("parallel: independent steps at once, merged, both in the result", async () => {
    const plan = ["one", "two"].map((id) => ({ id, type: "generate", goal: `Write a module named ${id}.mjs` }));
    const { workspace, ended, events } = await run(
      "Implement two modules",
      ["--workflow", "parallel", "--level", "bypass"],
      teamModel({ steps: plan }),
    );
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.ok(existsSync(join(workspace, "one.mjs")) && existsSync(join(workspace, "two.mjs")));
    const [enterOne, enterTwo, exitOne] = ["enter:one", "enter:two", "exit:one"].map((mark) =>
      events.findIndex((event) => nodeMark(event) === mark),
    );
    assert.ok(enterTwo! < exitOne! && enterOne! < exitOne!, "the second step began before the first ended");
  });

  it("consensus: two candidates apart, one chosen, tested", async () => {
    const { workspace, ended, events } = await run("Write added.mjs", [
      "--workflow",
      "consensus",
      "--models",
      `${model},anthropic:claude-haiku-4-5`,
      "--level",
      "bypass",
    ]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.equal(of(events, "work.set_aside").length, 2);
    assert.ok(existsSync(join(workspace, "added.mjs")));
    const models = new Set(server.requests.filter((request) => request.agent === "typescript").map((request) => request.model));
    assert.deepEqual([...models].toSorted(), ["claude-haiku-4-5", "claude-sonnet-4-5"]);
    const changes = async (...more: string[]): Promise<string> =>
      (await home.ao(["changes", sessionIn(ended), "--task", of(events, "work.set_aside")[0]!.payload.stepId, ...more])).stdout;
    assert.match(await changes(), /^diff --git [^]*\+export const added/, "what each candidate did can be seen");
    assert.match(await changes("--stat"), /^added +\+\d+ -0 {2}added\.mjs$/m);
    assert.doesNotMatch(await changes("--stat"), /diff --git/);
  });

  it("leaves the result pending at level assisted, and apply takes it beside the user's own edits", async () => {
    const { workspace, ended, events } = await run("Implement adding, with tests and documentation", [
      "--level",
      "assisted",
      "--yes-to",
      "checks",
    ]);
    assert.equal(ended.code, 3, ended.stdout + ended.stderr);
    assert.ok(!existsSync(join(workspace, "added.mjs")), "the user's files are as they were");
    writeFileSync(join(workspace, "mine.txt"), "mine");
    const session = events[0]!.sessionId;
    assert.match((await home.ao(["changes", session])).stdout, /\+export const added/);
    const applied = await home.ao(["apply", session]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.ok(existsSync(join(workspace, "added.mjs")));
    assert.equal(readFileSync(join(workspace, "mine.txt"), "utf8"), "mine");
    assert.match((await home.ao(["list"])).stdout, /done/);
    assert.equal((await home.ao(["apply", session])).code, 1, "there is nothing to apply twice");
  });

  it("refuses to write over what the user changed in the same place, and writes nothing", async () => {
    const { workspace, ended, events } = await run("Implement adding, with tests and documentation", [
      "--level",
      "assisted",
      "--yes-to",
      "checks",
    ]);
    assert.equal(ended.code, 3);
    writeFileSync(join(workspace, "README.md"), "# My own words\n");
    const applied = await home.ao(["apply", events[0]!.sessionId]);
    assert.equal(applied.code, 3);
    assert.match(applied.stderr, /README\.md/);
    assert.ok(!existsSync(join(workspace, "added.mjs")));
    assert.equal(readFileSync(join(workspace, "README.md"), "utf8"), "# My own words\n");
  });

  it("prints one event per line with --json", async () => {
    const { ended, events } = await run("Fix the typo in README.md", ["--level", "bypass", "--json"]);
    const printed = ended.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TraceEvent);
    assert.deepEqual(printed, events, "what was printed is the record, from its first event on");
  });

  it("gives a small edit to one agent", async () => {
    const edit = { tool: "filesystem__edit_file", arguments: { path: "README.md", old: "Sample", new: "Example" } };
    const { workspace, ended, events } = await run("Fix the typo in README.md", ["--level", "bypass"], ({ turn }) =>
      turn === 0 ? { calls: [edit] } : { text: "Fixed." },
    );
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.deepEqual([...new Set(server.requests.map((request) => request.agent))], ["typescript"]);
    assert.equal(of(events, "turn.ended").length, 2);
    assert.equal(readFileSync(join(workspace, "README.md"), "utf8"), "# Example\n");
  });
});

function of<T extends KnownEvent["type"]>(events: TraceEvent[], type: T): Extract<KnownEvent, { type: T }>[] {
  return events.filter((event) => event.type === type) as Extract<KnownEvent, { type: T }>[];
}

function scores(events: TraceEvent[]): number[] {
  return of(events, "review.scored").map(({ payload }) => payload.score);
}

function steps(events: TraceEvent[]): string[] {
  return of(events, "workflow.node.exit").flatMap(({ payload }) => payload.node.stepId ?? []);
}

function nodeMark(event: TraceEvent): string {
  const { node } = event.payload as { node?: { stepId?: string } };
  return event.type === "workflow.node.enter" ? `enter:${node?.stepId}` : event.type === "workflow.node.exit" ? `exit:${node?.stepId}` : "";
}

// A stop reaches everything below it at once: a model in the middle of its answer, commands that sleep, also a child's
// child's. Real processes, a model server over a socket. What was done until then is told, with what it cost.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventOf } from "../../src/protocol/events.ts";
import { createRuntime, type Runtime } from "../../src/runtime/runtime.ts";
import { type FakeModelServer, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { commitAll, writeFiles } from "../support/gitProject.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";
import { configWith, roomyBudget } from "../support/world.ts";

/** How long the commands would go on by themselves: a stop that waits for them is seen. Each is known by its own number. */
const secondsOf = (name: string): string => `900.${process.pid}${name.length}`;
const sleepers = ["sleeper", "worker"];

describe("a hard stop", function () {
  this.timeout(120_000);
  let dir: TempDir;
  let runtime: Runtime;
  let server: FakeModelServer;
  let greedy = false;
  let over = false;

  const blueprint = (id: string, subAgents: string[]): string =>
    `---\nid: ${id}\nname: ${id}\nrole: member\ndescription: For tests.\ntools: ["shell__run", "filesystem__*", "agents__*"]\nsubAgents: [${subAgents.join(", ")}]\n---\nWork.\n`;

  const delegate = (agent: string): { tool: string; arguments: unknown } => ({
    tool: "agents__delegate",
    arguments: { agent, goal: `be the ${agent}` },
  });
  const sleep = (name: string): Reply => ({
    text: `${name} has begun.`,
    calls: [
      {
        tool: "shell__run",
        arguments: { command: `trap '' TERM; sleep ${secondsOf(name)} & wait`, timeoutMs: 590_000 },
      },
    ],
  });

  function play(agent: string, turn: number): Reply | Promise<Reply> {
    switch (agent) {
      case "lead":
        return { calls: ["talker", "sleeper", "boss"].map(delegate) };
      case "boss":
        return { calls: [delegate("worker")] };
      case "talker":
        if (!greedy) return { text: "Once upon a time", fault: { kind: "silence" } };
        return turn === 0
          ? allAtWork().then(() => ({
              text: "So much.",
              usage: { input: 50, output: 90_000_000 },
              calls: [{ tool: "filesystem__list_directory", arguments: { path: "." } }],
            }))
          : {};
      default:
        return sleep(agent);
    }
  }

  beforeEach(async () => {
    over = false;
    dir = makeTempDir("stop");
    const [project, data] = [join(dir.path, "project"), join(dir.path, "data")];
    writeFiles(project, { "README.md": "# Sample\n" });
    commitAll(project);
    mkdirSync(join(data, "agents"), { recursive: true });
    for (const [id, subAgents] of Object.entries({
      lead: ["talker", "sleeper", "boss"],
      boss: ["worker"],
      talker: [],
      sleeper: [],
      worker: [],
    }))
      writeFileSync(join(data, "agents", `${id}.md`), blueprint(id, subAgents));
    server = await startFakeModelServer(({ agent, turn }) => play(agent, turn));
    const env = { ...process.env, AO_DATA_DIR: data, ANTHROPIC_API_KEY: "not-a-real-one", ANTHROPIC_BASE_URL: server.url };
    runtime = await createRuntime({ env, attended: false, workspace: project });
  });
  afterEach(async () => {
    over = true;
    await runtime.close();
    await server.close();
    dir.remove();
  });

  /** The processes of the commands, wrappers and shells included, that are still at work. */
  const processes = (): string[] =>
    execFileSync("ps", ["-A", "-o", "stat=,args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => !line.startsWith("Z") && sleepers.some((name) => line.includes(`sleep ${secondsOf(name)}`)));
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      assert.ok(!over, "the test has ended without it");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const allAtWork = (): Promise<void> =>
    until(() => {
      const running = processes();
      return sleepers.every((name) => running.some((line) => new RegExp(`^\\S+\\s+sleep ${secondsOf(name)}$`).test(line)));
    });

  async function begin() {
    const config = configWith({
      model: "anthropic:claude-sonnet-4-5",
      level: "bypass",
      agent: "lead",
      budget: { ...roomyBudget, parallel: 8 },
    });
    const created = await runtime.engine.dispatch({
      type: "session.create",
      goal: "do it all",
      workspace: join(dir.path, "project"),
      config,
    });
    assert.ok(created.ok, JSON.stringify(created));
    const { sessionId } = created.value;
    let said = "";
    runtime.engine.onDelta((_session, _task, agent, delta) => void (agent === "talker" && delta.kind === "text" && (said += delta.text)));
    return { sessionId, running: runtime.engine.dispatch({ type: "session.run", sessionId }), said: () => said };
  }

  it("by a person ends models, commands and children of children, and tells how far they came", async () => {
    greedy = false;
    const { sessionId, running, said } = await begin();
    await allAtWork();
    await until(() => said() === "Once upon a time");
    const began = performance.now();
    await runtime.engine.dispatch({ type: "session.cancel", sessionId });
    await until(() => processes().length === 0);
    const took = performance.now() - began;
    console.log(`      all had ended after ${Math.round(took)} ms`);
    // A second is meant; a machine that is busy with other things gets more.
    assert.ok(took < 10_000, `${took} ms`);
    const outcome = await running;
    assert.ok(outcome.ok && outcome.value.status === "cancelled", JSON.stringify(outcome));
    assert.match(
      outcome.value.answer,
      /^Partial result: 0 of 1 step done\.[^]*sleeper, unfinished[^]*sleeper has begun\.[^]*worker has begun\.[^]*Spent: /,
    );
    const events = await runtime.store.read(sessionId);
    const cut = events.filter((event) => event.type === "turn.ended" && (event as EventOf<"turn.ended">).payload.stop === "cancelled");
    assert.deepEqual(
      cut.map(({ actor }) => actor),
      ["talker"],
    );
    const { tasks } = (await runtime.engine.state(sessionId))!;
    assert.deepEqual(
      Object.values(tasks).filter(({ status }) => status === "running" || status === "pending"),
      [],
    );
  });

  it("by a budget that one answer overspent ends the others too", async () => {
    greedy = true;
    const { sessionId, running } = await begin();
    const outcome = await running;
    await until(() => processes().length === 0);
    assert.ok(outcome.ok && outcome.value.status === "failed", JSON.stringify(outcome));
    assert.match(outcome.value.reason ?? "", /overspent/);
    assert.match(outcome.value.answer, /worker has begun\.[^]*Spent: 90,/);
    assert.ok((await runtime.store.read(sessionId)).some((event) => event.type === "error"));
  });
});

// What a result may claim and what is taken without a person's word: altered checks, protected places, reviews that never
// agreed, choices among candidates, ceilings of delegation.

import assert from "node:assert/strict";
import type { RunOutcome } from "../../src/protocol/commands.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import type { CallResult, SessionConfig } from "../../src/protocol/events.ts";
import { createWorld, runGoal, type Model, type World, type WorldOptions } from "../support/world.ts";

const hand = (rest: Record<string, unknown> = {}) => ({
  calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "done", ...rest } }],
});
const write = (path: string, content = "x\n") => ({ calls: [{ tool: "filesystem__write_file", arguments: { path, content } }] });

async function run(
  model: Model,
  config: Partial<SessionConfig> = {},
  options: Partial<WorldOptions> = {},
): Promise<{ world: World; outcome: RunOutcome; state: SessionState }> {
  const world = await createWorld({ files: { "README.md": "# Sample\n", "package.json": "test: real" }, model, ...options });
  // The memory workspace's check is what the file package.json says.
  world.ports.workspace.checks = (root) =>
    Promise.resolve([{ kind: "test", command: "npm test", definition: world.workspace.folder(root)["package.json"] ?? "" }]);
  const { sessionId, outcome } = await runGoal(world, "Fix the typo in README.md", config);
  assert.ok(outcome.ok);
  return { world, outcome: outcome.value as RunOutcome, state: (await world.engine.state(sessionId))! };
}

describe("evidence", () => {
  it("says when code changed and nobody ran the project's checks", async () => {
    const { outcome } = await run(({ turn }) => (turn === 0 ? write("a.ts") : hand()));
    assert.equal(outcome.status, "done");
    assert.match(outcome.reason ?? "", /checks were not run/);
  });

  const claiming = [{ summary: "Mended; all tests pass, I promise." }, { claims: ["test"] }];
  for (const claim of claiming)
    for (const passes of [true, false])
      it(`runs the check that an agent says ${passes ? "passes" : "passes, which it does not"} (${Object.keys(claim).join()})`, async () => {
        const ran: string[] = [];
        const shell = (command: string): CallResult => {
          ran.push(command);
          return passes
            ? { ok: true, content: "fine", details: { exitCode: 0, durationMs: 1 } }
            : { ok: false, code: "exit_1", content: "1 failed", details: { exitCode: 1, durationMs: 1 } };
        };
        const { outcome, state } = await run(({ turn }) => (turn === 0 ? write("a.ts") : hand(claim)), {}, { shell });
        assert.deepEqual(ran, ["npm test"]);
        assert.deepEqual([outcome.status, outcome.unproven], passes ? ["done", false] : ["failed", true]);
        assert.equal(state.receipts.length, 1);
        assert.equal(state.receipts[0]!.tree, state.landing!.tree);
      });

  it("has a receipt of an agent's own run of a check, and proves what it says in a folder where no agent worked", async () => {
    for (const editsAfter of [false, true]) {
      let ran = 0;
      const shell = (): CallResult => ({ ok: true, content: "fine", details: { exitCode: 0, durationMs: ++ran } });
      const turns = [
        write("a.ts"),
        { calls: [{ tool: "shell__run", arguments: { command: "npm test" } }] },
        ...(editsAfter ? [write("a.ts", "y\n")] : []),
        hand({ claims: ["test"] }),
      ];
      const { outcome, state } = await run(({ turn }) => turns[turn]!, {}, { shell });
      // In the end it runs in a folder that holds the result and nothing else.
      assert.deepEqual([outcome.status, outcome.unproven, ran], ["done", false, 2]);
      assert.deepEqual([state.receipts[0]!.clean, state.receipts[1]!.clean], [undefined, true]);
      assert.equal(state.receipts.at(-1)!.tree, state.landing!.tree);
      assert.equal(state.receipts[0]!.tree === state.landing!.tree, !editsAfter);
    }
  });

  it("fails a claim that no declared check can prove", async () => {
    const { outcome } = await run(({ turn }) => (turn === 0 ? write("a.ts") : hand({ claims: ["lint"] })));
    assert.deepEqual([outcome.status, outcome.unproven], ["failed", true]);
    assert.match(outcome.reason ?? "", /declare a lint command/);
  });

  it("takes no receipt from a check that an agent rewrote", async () => {
    const { outcome, state } = await run(
      ({ agent, turn }) =>
        agent === "typescript" && turn === 0
          ? write("package.json", "test: true")
          : agent.endsWith("-review")
            ? hand({ score: 1 })
            : hand(),
      { workflow: "sequential" },
    );
    assert.equal(outcome.unproven, true, outcome.reason);
    assert.match(outcome.reason ?? "", /changed by an agent/);
    assert.ok(state.receipts.every((receipt) => receipt.altered));
  });

  it("takes no proof from another command in the place of the user's own check", async () => {
    const world = await createWorld({
      files: { "README.md": "# Sample\n", "package.json": "npm test" },
      model: ({ agent, turn }) => {
        if (agent.endsWith("-review")) return hand({ score: 1 });
        const turns = [write("package.json", "make test"), { calls: [{ tool: "shell__run", arguments: { command: "make test" } }] }];
        return turns[turn] ?? hand({ claims: ["test"] });
      },
      shell: (command) =>
        command === "make test"
          ? { ok: true, content: "fine", details: { exitCode: 0, durationMs: 1 } }
          : { ok: false, code: "exit_1", content: "1 failed", details: { exitCode: 1, durationMs: 1 } },
    });
    world.ports.workspace.checks = (root) =>
      Promise.resolve([{ kind: "test", command: world.workspace.folder(root)["package.json"] ?? "", definition: "" }]);
    const { sessionId, outcome } = await runGoal(world, "Fix the typo in README.md");
    assert.ok(outcome.ok && (outcome.value as RunOutcome).unproven, JSON.stringify(outcome));
    assert.ok((await world.engine.state(sessionId))!.receipts.some(({ command, altered }) => command === "make test" && altered));
  });

  it("does not let a rewritten check run unasked at assisted", async () => {
    const { outcome, state } = await run(
      ({ turn }) =>
        turn === 0
          ? write("package.json", "test: evil")
          : turn === 1
            ? { calls: [{ tool: "shell__run", arguments: { command: "npm test" } }] }
            : hand(),
      { level: "assisted" },
    );
    assert.equal(outcome.status, "waiting");
    assert.equal(Object.values(state.approvals)[0]?.tool, "shell__run");
  });
});

describe("landing", () => {
  it("of protected places waits for a person, at bypass too", async () => {
    const { world, outcome } = await run(({ agent, turn }) =>
      agent.endsWith("-review") ? hand({ score: 1 }) : turn === 0 ? write(".github/workflows/ci.yml") : hand(),
    );
    assert.equal(outcome.status, "waiting");
    assert.match(outcome.reason ?? "", /\.github\/workflows\/ci\.yml/);
    assert.equal(world.workspace.user[".github/workflows/ci.yml"], undefined);
  });

  it("of work that the reviewers still fault after the last round waits for a person", async () => {
    let version = 0;
    const { outcome, state } = await run(
      ({ agent, turn }) =>
        agent.endsWith("-review") ? hand({ score: 0.5 }) : agent === "typescript" && turn === 0 ? write("a.ts", `${version++}`) : hand(),
      { workflow: "sequential" },
    );
    assert.equal(outcome.status, "waiting");
    assert.match(outcome.reason ?? "", /still find fault with it \(0\.50, below 0\.8\)/);
    assert.equal(state.reviews.length, 3);
  });
});

describe("a choice among candidates", () => {
  const choosing = (choose: unknown) =>
    run(
      ({ agent, turn, messages }) => {
        if (agent === "typescript")
          return turn === 0 ? write("a.ts", JSON.stringify(messages[0]).includes("candidate: 1") ? "one" : "two") : hand();
        return agent === "synthesis" ? hand(choose === undefined ? {} : { data: { choose } }) : hand({ score: 1 });
      },
      { workflow: "consensus" },
    );

  for (const [choose, taken] of [
    ["candidate-2", "two"],
    ["Candidate 2", "two"],
    [undefined, "one"],
    ["the third", "one"],
  ] as const)
    it(`named as ${String(choose)} takes ${taken}`, async () => {
      const { world, outcome } = await choosing(choose);
      assert.equal(outcome.status, "done", outcome.reason);
      assert.equal(world.workspace.user["a.ts"], taken);
    });
});

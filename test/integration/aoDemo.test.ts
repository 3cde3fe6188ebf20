// The demo as a newcomer runs it, and that it is no show: the scripted model reacts to what the tools really answer, so
// another project with other names works as well, and a sabotaged fix makes the run fail.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { createRuntime, type Runtime } from "../../src/runtime/runtime.ts";
import { createModels } from "../../src/models/models.ts";
import type { ModelsPort } from "../../src/core/ports.ts";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { configWith } from "../support/world.ts";

const demo = resolve("agents/demo");
const other = resolve("test/fixtures/demo-other");

const goalsOf = (folder: string): Record<string, string> =>
  parse(readFileSync(join(folder, "goals.yaml"), "utf8")) as Record<string, string>;
const projectIn = (folder: string): string => (existsSync(join(folder, "project")) ? join(folder, "project") : folder);

const testsPass = (workspace: string): boolean => spawnSync("npm", ["test"], { cwd: workspace, encoding: "utf8" }).status === 0;

describe("the demo", () => {
  let home: Home;

  beforeEach(() => {
    home = createHome();
  });

  afterEach(() => home.remove());

  for (const [name, folder] of [
    ["the sample project", demo],
    ["another project with other names", other],
  ] as const) {
    it(`works on ${name}: feature, review below 0.8, fix, tests, documentation`, async () => {
      const workspace = home.copyOf(projectIn(folder));
      const before = readFileSync(join(workspace, "README.md"), "utf8");
      const ended = await home.ao(["run", goalsOf(folder)["feature"]!, "--workspace", workspace, "--model", "demo", "--level", "bypass"]);
      assert.equal(ended.code, 0, ended.stdout + ended.stderr);
      assert.notEqual(readFileSync(join(workspace, "README.md"), "utf8"), before);
      assert.ok(testsPass(workspace), "the project's own tests pass on the result");
      const trace = (await home.ao(["trace", sessionIn(ended)])).stdout;
      for (const part of [
        /plan by planning/,
        /collaborate: coordinator ⇒ code-review/,
        /delegate: code-review ⇒ security-review/,
        /call filesystem__/,
        /review of round 1: 0\.\d\d, below 0\.8/,
      ])
        assert.match(trace, part);
      for (const part of [
        /review\.fix1/,
        /review of round 2: 0\.\d\d, accepted/,
        /receipt: npm test exit 0/,
        /turn calls · demo \(scripted, no real model\) · [\d.]+k? tok · \$0/,
        /Total: /,
      ])
        assert.match(trace, part);
    });
  }

  it("labels the model as scripted wherever it shows", async () => {
    const workspace = home.copyOf(projectIn(demo));
    const ended = await home.ao(["run", goalsOf(demo)["question"]!, "--workspace", workspace, "--model", "demo"]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    for (const line of ended.stdout.split("\n").filter((one) => one.includes("demo"))) assert.match(line, /scripted/);
  });

  it("consensus: two candidates of the same function, one chosen on evidence", async () => {
    const workspace = home.copyOf(projectIn(demo));
    const ended = await home.ao([
      "run",
      goalsOf(demo)["consensus"]!,
      "--workspace",
      workspace,
      "--model",
      "demo",
      "--workflow",
      "consensus",
      "--level",
      "bypass",
    ]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.ok(testsPass(workspace));
    assert.match(ended.stdout, /candidate candidate-1 set aside/);
    assert.match(ended.stdout, /candidate candidate-2 set aside/);
  });

  it("fails when the fix step's edit is sabotaged: the second review sees it, and nothing is landed", async () => {
    const workspace = home.copyOf(projectIn(demo));
    const honest = createModels({ env: {}, demoDir: demo });
    let sabotaged = 0;
    const models: ModelsPort = {
      resolve: (name) => honest.resolve(name),
      countTokens: (request, signal) => honest.countTokens(request, signal),
      stream: async (request, onDelta, signal) => {
        const outcome = await honest.stream(request, onDelta, signal);
        if (outcome.kind !== "answer" || !JSON.stringify(request.messages[0]).includes("What has to be mended")) return outcome;
        const calls = outcome.calls.map((call) =>
          call.tool === "filesystem__edit_file" ? { ...call, arguments: undo(call.arguments) } : call,
        );
        sabotaged += outcome.calls.filter((call) => call.tool === "filesystem__edit_file").length;
        return { ...outcome, calls };
      },
    };
    const runtime: Runtime = await createRuntime({
      env: { ...process.env, AO_DATA_DIR: join(home.dir, "data") },
      attended: false,
      ports: { models },
    });
    try {
      const config = configWith({ model: "demo" });
      const created = await runtime.engine.dispatch({ type: "session.create", goal: goalsOf(demo)["feature"]!, workspace, config });
      assert.ok(created.ok);
      const outcome = await runtime.engine.dispatch({ type: "session.run", sessionId: created.value.sessionId });
      assert.ok(outcome.ok);
      assert.ok(sabotaged > 0);
      assert.equal(outcome.value.status, "failed");
      assert.ok(!existsSync(join(workspace, "src/discounted.ts")));
    } finally {
      await runtime.close();
    }
  });
});

/** An edit that changes nothing of what matters. */
function undo(args: unknown): unknown {
  const edit = args as { old: string };
  return { ...edit, new: `${edit.old}\n  // looked at` };
}

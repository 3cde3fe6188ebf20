// The git tools where agents really use them: in a folder that the workspace port made for a task.

import assert from "node:assert/strict";
import { compileRule, hiddenBy } from "../../src/core/rules.ts";
import type { Files } from "../support/gitProject.ts";
import { commitAll, gitIn, removeFiles, writeFiles } from "../support/gitProject.ts";
import { makeFixture } from "../support/workspaceFixture.ts";
import type { Fixture } from "../support/workspaceFixture.ts";
import { codeOf, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("git tools in a task's folder", () => {
  let bench: Bench;
  let project: Fixture;
  let root: string;

  async function open(files: Files, prepare: (path: string) => void = () => undefined): Promise<void> {
    bench = await openBench();
    project = makeFixture(files);
    prepare(project.path);
    root = await project.open("t_1", await project.snapshot());
  }

  afterEach(async () => {
    await bench.close();
    project.remove();
  });

  const call = async (tool: string, args: object = {}): Promise<string> => {
    const result = await bench.call(`git__${tool}`, args, { root });
    assert.equal(codeOf(result), "ok", `${tool}: ${result.content}`);
    return result.content;
  };

  const histories: [string, (path: string) => void, RegExp][] = [
    ["in a project with history", (path) => commitAll(path, "first words"), /first words\n$/],
    ["in a project without git", () => undefined, /The files as this task found them\n$/],
    ["in a repository without a commit", (path) => void gitIn(path, "init", "--quiet"), /The files as this task found them\n$/],
  ];
  for (const [title, prepare, oldest] of histories)
    it(`work ${title}`, async () => {
      await open({ "a.txt": "one\n", "sub/b.txt": "b\n" }, prepare);
      assert.equal(await call("status"), "## task\n");
      writeFiles(root, { "a.txt": "two\n", "new.txt": "n\n" });
      assert.equal(await call("status"), "## task\n M a.txt\n?? new.txt\n");
      assert.match(await call("diff"), /-one\n\+two\n/);
      assert.match(await call("diff", { path: "." }), /-one\n\+two\n/);
      assert.match(await call("diff", { path: "sub" }), /No changes/);
      assert.match(await call("log"), oldest);
      assert.match(await call("show", { rev: "HEAD" }), /The files as this task found them/);
      assert.equal(await call("show", { rev: "HEAD:a.txt" }), "one\n");
      assert.match(await call("blame", { path: "sub/b.txt" }), / b\n$/);
      assert.match(await call("commit", { message: "Change a" }), /^Committed [0-9a-f]+: Change a\n[^]*a\.txt[^]*new\.txt/);
      assert.equal(await call("status"), "## task\n");
      assert.match(await call("show", { rev: "HEAD" }), /Change a[^]*-one\n\+two\n[^]*\+n\n/);
    });

  it("leave out what a rule keeps from them", async () => {
    await open({ "a.txt": "one\n", "plans/b.txt": "one\n", "sub/plans.key": "one\n" }, (path) => commitAll(path));
    writeFiles(root, { "a.txt": "two\n", "plans/b.txt": "hunter2\n", "sub/plans.key": "hunter2\n" });
    const rules = [{ effect: "deny" as const, tool: "git", path: ["plans/**", "*.{key,pem}"] }].map(compileRule);
    const hidden = hiddenBy(rules, "git__diff")!;
    const shown = async (tool: string, args: object): Promise<string> => (await bench.call(`git__${tool}`, args, { root, hidden })).content;
    for (const text of [await shown("diff", {}), await shown("diff", { path: "." })]) {
      assert.match(text, /\+two/);
      assert.doesNotMatch(text, /hunter2/);
    }
    await call("commit", { message: "all" });
    assert.match(await call("show", { rev: "HEAD" }), /hunter2/);
    assert.doesNotMatch(await shown("show", { rev: "HEAD" }), /hunter2/);
    assert.equal(hiddenBy(rules, "filesystem__search_text"), undefined);
  });

  it("show no secret that is among the changes", async () => {
    const secrets = [".env", "deploy/.Env.production", "keys/server.pem", "id_rsa", ".ssh/config", ".npmrc", ".envrc"];
    await open({ "a.txt": "one\n" }, (path) => commitAll(path));
    writeFiles(root, { "a.txt": "two\n", ".environment": "plain\n", ...Object.fromEntries(secrets.map((name) => [name, "hunter2\n"])) });
    gitIn(root, "add", "--intent-to-add", "--all", "--force");
    for (const show of [() => call("diff"), () => call("diff", { path: "." }), () => call("diff", { path: "keys" })])
      assert.doesNotMatch(await show(), /hunter2/);
    assert.match(await call("diff"), /\+plain[^]*\+two/);
    assert.match(await call("diff", { path: ".env" }), /\+hunter2/, "asked for by its name, which is judged before");
    await call("commit", { message: "all" });
    removeFiles(root, secrets);
    await call("commit", { message: "gone again" });
    for (const rev of ["HEAD", "HEAD~1", "HEAD~1..HEAD"]) assert.doesNotMatch(await call("show", { rev }), /hunter2/, rev);
    assert.match(await call("show", { rev: "HEAD~1" }), /\+plain[^]*\+two/);
    assert.match(await call("show", { rev: "HEAD" }), /gone again/, "a commit of secrets alone is still shown, without them");
  });
});

// A repository that would run a program at every step, and an agent that plants the same in its own folder: all that is
// done with them runs none of it. The traps are shown to be armed first, by plain git on a copy.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { tidy } from "../../src/workspace/tidying.ts";
import { type Files, readFiles, removeFiles, writeFiles } from "../support/gitProject.ts";
import { elsewhere, type Hostile, makeHostile, spring, stale } from "../support/hostileRepository.ts";
import { makeTempDir, type TempDir } from "../support/tempDir.ts";
import { openBench } from "./toolsFixture.ts";

/** Those that plain git springs on any machine; the others stand there all the same. */
const armed =
  "alias askpass config-worktree credential diff-command diff-external editor ext filter-clean filter-process filter-smudge fsmonitor gpg " +
  "hook-commit-msg hook-post-checkout hook-post-commit hook-post-index-change hook-pre-commit hook-prepare-commit-msg hook-reference-transaction " +
  "included merge-driver nested-fsmonitor ssh sub-fsmonitor submodule textconv trailer bare-fsmonitor";

describe("workspace: a hostile repository", function () {
  this.timeout(120_000);
  let temp: TempDir;
  let trap: Hostile;
  let data: string;

  beforeEach(function () {
    if (process.platform === "win32") this.skip();
    temp = makeTempDir("hostile");
    mkdirSync(join(temp.path, "one"));
    trap = makeHostile(join(temp.path, "one"));
    data = join(temp.path, "data");
    for (const name of trap.canaries()) execFileSync("rm", [join(temp.path, "one", "ran", name)]);
  });
  afterEach(() => temp.remove());

  const quiet = (what: string): void => assert.deepEqual(trap.canaries(), [], what);

  it("its traps are armed", () => {
    spring(trap);
    const missing = armed.split(" ").filter((name) => !trap.canaries().includes(name));
    assert.deepEqual(missing, [], `sprung: ${trap.canaries().join(" ")}`);
  });

  /** All that the workspace does for a session. */
  const wholeWay = async (path: string): Promise<void> => {
    const port = createWorkspace({ dataDir: data });
    assert.ok((await port.check(path)).ok);
    const snapshot = async (): Promise<string> => {
      stale(path);
      const taken = await port.snapshot("s", path);
      assert.ok(taken.ok, taken.ok ? "" : taken.error.message);
      return taken.value.commit;
    };
    const base = await snapshot();
    quiet("a snapshot");
    const change = async (task: `t_${string}`, put: Files): Promise<string> => {
      const folder = await port.openWorktree("s", path, task, base);
      removeFiles(folder, Object.keys(put));
      writeFiles(folder, put);
      return await port.commitWorktree("s", path, task, base, "work");
    };
    const all = (text: string): Files =>
      Object.fromEntries(["clean", "process", "included", "worktree", "external", "text", "merge"].map((kind) => [`f.${kind}`, text]));
    const ours = await change("t_1", all("0\n1\n2\n3\n4\n5\n"));
    const theirs = await change("t_2", all("1\n2\n3\n4\n5\n6\n"));
    const clash = await change("t_3", all("other\n2\n3\n4\n5\n"));
    quiet("folders of tasks");
    const merged = await port.merge("s", path, base, ours, theirs, "both");
    assert.deepEqual(merged.conflicts, []);
    assert.equal((await port.merge("s", path, base, ours, clash, "clash")).conflicts.length, 7);
    await port.updateWorktree("s", path, "t_1", merged.commit);
    await port.diff("s", path, base, merged.commit);
    await port.hunks("s", path, base, merged.commit);
    const picked = await port.pick("s", path, base, merged.commit, [{ path: "f.merge", hunks: [0] }]);
    assert.ok(picked.ok);
    await port.fileAt(path, base, "f.clean");
    quiet("merge, diff, parts");
    writeFileSync(join(path, "f.text"), "1\n2\n3 by hand\n4\n5\n");
    const landed = await port.land("s", path, base, merged.commit, 0);
    assert.ok(landed.ok && landed.value.conflicts.length === 0);
    assert.equal(readFiles(path)["f.text"], "0\n1\n2\n3 by hand\n4\n5\n6\n");
    assert.ok((await port.settle("s", path, 1)).ok);
    quiet("a landing");
    const present = await snapshot();
    const back = await port.merge("s", path, merged.commit, present, base, "back");
    assert.deepEqual(back.conflicts, []);
    assert.ok((await port.land("s", path, present, back.commit, 2)).ok);
    assert.ok((await port.settle("s", path, 3)).ok);
    await Promise.all([port.checks(path), port.language(path), port.rules(path)]);
    await port.adopt("other", path, "s");
    await port.dispose("s", path);
    await port.forget("s", path);
    await tidy(data, async () => await Promise.resolve(["other"]), { litter: 0, contents: 0, budget: 0 });
    quiet("the way back, and the end");
  };

  it("runs nothing through the workspace, which leaves its data as it is", async () => {
    const data = (): Record<string, string> => readFiles(join(trap.path, ".git"));
    const before = data();
    await wholeWay(trap.path);
    assert.deepEqual(data(), before);
  });

  for (const [what, move] of Object.entries(elsewhere))
    it(`runs nothing with ${what}`, async () => {
      move(trap.path);
      await wholeWay(trap.path);
    });

  const everyTool = async (root: string): Promise<void> => {
    const bench = await openBench();
    try {
      const calls: [string, object][] = [
        ["git__status", {}],
        ["git__diff", {}],
        ["git__diff", { path: "f.external" }],
        ["git__log", { path: "f.text" }],
        ["git__show", { rev: "HEAD" }],
        ["git__show", { rev: "HEAD:f.text" }],
        ["git__blame", { path: "f.clean" }],
        ["git__commit", { message: "m" }],
        ["filesystem__find_files", { glob: "**/*" }],
        ["filesystem__search_text", { pattern: "1" }],
      ];
      for (const [tool, args] of calls) await bench.call(tool, args, { root });
    } finally {
      await bench.close();
    }
  };

  it("runs nothing through the agents' tools", async () => {
    await everyTool(trap.path);
    quiet("the project itself");
    await everyTool(join(trap.path, "nested"));
    await everyTool(join(trap.path, "bare"));
    quiet("what is nested in it");
  });

  it("runs nothing that an agent plants in its own folder", async () => {
    const path = join(temp.path, "plain");
    mkdirSync(path);
    writeFiles(path, { "f.clean": "1\n", "f.text": "1\n", "f.external": "1\n" });
    const port = createWorkspace({ dataDir: data });
    const taken = await port.snapshot("s", path);
    assert.ok(taken.ok);
    const folder = await port.openWorktree("s", path, "t_1", taken.value.commit);
    // Whole, as far as an agent may write; what it links to is as hostile.
    execFileSync("cp", ["-a", join(trap.path, ".git", "hooks"), join(trap.path, ".git", "config"), join(folder, ".git")]);
    execFileSync("cp", [join(trap.path, ".git", "config.worktree"), join(folder, ".git")]);
    execFileSync("cp", [join(trap.path, ".gitattributes"), folder]);
    execFileSync("cp", ["-a", join(trap.path, "nested"), join(trap.path, "bare"), folder]);
    writeFiles(folder, { ".git/info/attributes": "* filter=oneshot diff=external\n", "f.clean": "2\n" });
    execFileSync("rm", [join(folder, ".git", "info", "attributes")]);
    await everyTool(folder);
    quiet("the agents' tools");
    const work = await port.commitWorktree("s", path, "t_1", taken.value.commit, "work");
    await port.updateWorktree("s", path, "t_1", taken.value.commit);
    await port.updateWorktree("s", path, "t_1", work);
    execFileSync("rm", ["-rf", join(folder, ".git")]);
    symlinkSync(join(trap.path, ".git"), join(folder, ".git"));
    await everyTool(folder);
    await port.updateWorktree("s", path, "t_1", taken.value.commit);
    assert.ok(existsSync(join(trap.path, ".git", "config")), "a link is replaced, not followed");
    await port.dispose("s", path);
    quiet("its folder");
  });

  it("what an agent plants lands as text or not at all", async () => {
    const path = join(temp.path, "plain");
    mkdirSync(path);
    writeFiles(path, { "src/a.ts": "a\n", "f.clean": "1\n" });
    execFileSync("git", ["init", "--quiet"], { cwd: path });
    const before = readFiles(join(path, ".git"));
    const port = createWorkspace({ dataDir: data });
    const taken = await port.snapshot("s", path);
    assert.ok(taken.ok);
    const folder = await port.openWorktree("s", path, "t_1", taken.value.commit);
    writeFiles(folder, {
      "src/.git/hooks/pre-commit*": "#!/bin/sh\n",
      "src/.git/config": "[core]\n\tfsmonitor = x\n",
      "src/.GIT/hooks/post-checkout*": "#!/bin/sh\n",
      "lib/git~1/config": "x",
      ".git/hooks/pre-commit*": "#!/bin/sh\n",
      ".gitattributes": "* filter=evil\n",
      ".gitmodules": '[submodule "x"]\n\tpath = src\n\turl = ext::evil\n\tupdate = !evil\n',
      "lib/b.ts": "b\n",
      "to-git": "link:.git/hooks",
    });
    const work = await port.commitWorktree("s", path, "t_1", taken.value.commit, "work");
    const { files } = await port.diff("s", path, taken.value.commit, work);
    const shown = [".gitattributes", ".gitmodules", "lib/b.ts", "to-git"];
    assert.deepEqual(files.map((file) => file.path).toSorted(), shown);
    const landed = await port.land("s", path, taken.value.commit, work, 0);
    assert.ok(landed.ok);
    assert.deepEqual(landed.value.files.toSorted(), shown);
    assert.deepEqual(readFiles(join(path, ".git")), before);
    assert.deepEqual(readdirSync(join(path, "src")), ["a.ts"]);
    // Through a link that it made itself it comes no further either.
    const next = await port.openWorktree("s", path, "t_2", work);
    execFileSync("rm", [join(next, "to-git")]);
    writeFiles(next, { "to-git/pre-commit*": "#!/bin/sh\n" });
    const through = await port.commitWorktree("s", path, "t_2", work, "through");
    writeFiles(path, { "lib/mine": "m\n" });
    const second = await port.land("s", path, work, through, 1);
    assert.ok(second.ok);
    assert.deepEqual(readFiles(join(path, ".git")), before);
    assert.equal(readFiles(path)["to-git/pre-commit*"], "#!/bin/sh\n");
    quiet("all of it");
  });
});

// A snapshot asks for what differs since the last one; whatever happens in between, it holds what one that looks at
// everything for the first time holds. AO_FUZZ=500 makes more rounds, AO_SEED=7 repeats one.

import assert from "node:assert/strict";
import { readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { type Files, gitIn, readFiles, writeFiles } from "../support/gitProject.ts";
import { createDice, type Dice, editAtRandom, put, randomPath, seeds } from "../support/randomEdits.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const steps = 12;

describe("random edits between snapshots", function () {
  this.timeout(600_000);
  let at: Fixture;
  afterEach(() => at.remove());

  const rules = ["*.log\n", "*.log\n!kept.log\n", "out/\n", "/src/deep\n*.ts\n", "", "# none\n"];
  const changeRules = (dice: Dice): string => put(at.path, dice.pick([".gitignore", "src/.gitignore", "lib/.gitignore"]), dice.pick(rules));
  const track = (dice: Dice): string => {
    const path = randomPath(dice);
    const args = dice.pick([
      ["add", "--all"],
      ["add", "--force", "--", path],
      ["rm", "--cached", "--quiet", "-r", "--ignore-unmatch", "--", path],
      ["commit", "--quiet", "--allow-empty", "-m", "m"],
      ["update-index", "--refresh", "-q"],
    ]);
    try {
      gitIn(at.path, ...args);
    } catch {
      // A path that is not there, or a file that changed: nothing to do with what is tested.
    }
    return `git ${args.join(" ")}`;
  };

  const sameAsFirst = async (port = at.port): Promise<void> => {
    const [again, first] = await Promise.all([
      port.snapshot("s", at.path),
      createWorkspace({ dataDir: at.dataDir.replace(/data$/, `first-${++firsts}`) }).snapshot("s", at.path),
    ]);
    assert.ok(again.ok && first.ok);
    assert.equal(
      await port.treeOf("s", at.path, again.value.commit),
      await createWorkspace({ dataDir: at.dataDir.replace(/data$/, `first-${firsts}`) }).treeOf("s", at.path, first.value.commit),
    );
    assert.deepEqual(again.value.left, first.value.left);
  };
  let firsts = 0;

  for (const seed of seeds(3))
    for (const kind of ["a repository", "a plain folder", "a part of a repository"] as const)
      it(`hold what a first one holds (${kind}, seed ${seed})`, async () => {
        const dice = createDice(seed);
        at = makeFixture({ ".gitignore": "*.log\n", "src/a.ts": "a\n" }, kind === "a part of a repository" ? "whole/part" : "project");
        if (kind === "a repository") gitIn(at.path, "init", "--quiet");
        if (kind === "a part of a repository") gitIn(join(at.path, ".."), "init", "--quiet");
        const done: string[] = [];
        try {
          for (let step = 0; step < steps; step++) {
            for (let i = dice.below(5); i >= 0; i--)
              done.push(
                dice.chance(0.1)
                  ? changeRules(dice)
                  : dice.chance(0.2) && kind !== "a plain folder"
                    ? track(dice)
                    : editAtRandom(at.path, dice),
              );
            done.push("— snapshot");
            await sameAsFirst();
          }
        } catch (error) {
          throw new Error(`seed ${seed}, ${kind}:\n${done.join("\n")}`, { cause: error });
        }
      });

  for (const seed of seeds(2))
    it(`of a task's folder hold what is in it (seed ${seed})`, async () => {
      const dice = createDice(1000 + seed);
      at = makeFixture({ ".gitignore": "*.log\n", "src/a.ts": "a\n", "lib/b.ts": "b\n" });
      const base = await at.snapshot();
      const folder = await at.open("t_work", base);
      const other = await at.open("t_other", base);
      const done: string[] = [];
      let last = base;
      try {
        for (let step = 0; step < steps; step++) {
          for (let i = dice.below(5); i >= 0; i--) done.push(editAtRandom(folder, dice));
          const commit = await at.port.commitWorktree("s", at.path, "t_work", last, "work");
          done.push("— commit");
          // What a folder holds that is made of the commit is what the commit holds; made into the other folder, it is that.
          await at.port.updateWorktree("s", at.path, "t_other", commit);
          const seen = await at.port.commitWorktree("s", at.path, "t_other", commit, "nothing");
          assert.equal(seen, commit, "a folder that was made equal to a commit differs from it");
          assert.deepEqual(visible(await at.filesOf(commit)), visible(await at.filesOf(await fresh(folder, base))));
          last = commit;
        }
      } catch (error) {
        throw new Error(`seed ${seed}:\n${done.join("\n")}\n${other}`, { cause: error });
      }
    });

  /** The folder's files as a folder of their own that is looked at for the first time, with what it began with. */
  const fresh = async (folder: string, base: string): Promise<string> => {
    const task = `t_fresh${++firsts}` as const;
    const copy = await at.open(task, base);
    await at.port.updateWorktree("s", at.path, task, base);
    for (const name of readdirSync(copy)) if (name !== ".git") rmSync(join(copy, name), { recursive: true });
    const bytes = Object.entries(readFiles(folder)).map(([path, text]) => [
      path,
      text.startsWith("link:") ? text : Buffer.from(text, "latin1"),
    ]);
    writeFiles(copy, Object.fromEntries(bytes) as Files);
    return await createWorkspace({ dataDir: at.dataDir }).commitWorktree("s", at.path, task, base, "fresh");
  };

  it("see other bytes where length and time are the same as before", async () => {
    at = makeFixture({ a: "one\n" });
    const stamp = new Date(2020, 0, 1);
    for (const content of ["two\n", "six\n", "ten\n"]) {
      put(at.path, "a", content);
      utimesSync(join(at.path, "a"), stamp, stamp);
      assert.deepEqual(await at.filesOf(await at.snapshot()), { a: content });
    }
  });

  it("see what another program took a snapshot of meanwhile", async () => {
    at = makeFixture({ a: "one\n", b: "b\n" });
    await at.snapshot();
    put(at.path, "a", "another\n");
    put(at.path, "new", "new\n");
    assert.ok((await createWorkspace({ dataDir: at.dataDir }).snapshot("s", at.path)).ok);
    put(at.path, "b", "changed\n");
    assert.deepEqual(await at.filesOf(await at.snapshot()), { a: "another\n", b: "changed\n", new: "new\n" });
  });
});

/** Where rules hide a file that a task made, it is not its work. */
function visible(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith(".log") && !path.endsWith(".log*")));
}

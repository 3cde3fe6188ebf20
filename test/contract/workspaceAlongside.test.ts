// Ignored files that the user's policy lets tasks' folders have: copies are the task's own, links are the user's, neither
// is ever part of the work, and nothing from outside of the project gets in.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFiles, writeFiles } from "../support/gitProject.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

describe("workspace: beside the snapshot", () => {
  let at: Fixture;
  afterEach(() => at.remove());

  const open = async (also: { copy?: string[]; link?: string[] }): Promise<string> =>
    await at.port.openWorktree("s", at.path, "t_1", await at.snapshot(), also);

  it("a task's folder has copies of its own and links to the user's, and its work holds neither", async () => {
    at = makeFixture({
      a: "a",
      ".gitignore": ".env.test\nfixtures/\nvendor/\n",
      ".env.test": "X=1\n",
      "fixtures/deep/f": "f",
      "vendor/v": "v",
    });
    const base = await at.snapshot();
    const root = await open({ copy: [".env.test", "fixtures", "missing"], link: ["vendor"] });
    assert.equal(readFileSync(join(root, ".env.test"), "utf8"), "X=1\n");
    assert.equal(readFileSync(join(root, "fixtures/deep/f"), "utf8"), "f");
    assert.equal(realpathSync(join(root, "vendor")), realpathSync(join(at.path, "vendor")));
    writeFiles(root, { ".env.test": "X=2\n", "fixtures/deep/f": "changed" });
    assert.equal(readFileSync(join(at.path, ".env.test"), "utf8"), "X=1\n");
    assert.equal(readFileSync(join(at.path, "fixtures/deep/f"), "utf8"), "f");
    assert.equal(await at.port.commitWorktree("s", at.path, "t_1", base, "work"), base);
    await at.port.closeWorktree("s", at.path, "t_1");
    assert.equal(readFileSync(join(at.path, "vendor/v"), "utf8"), "v");
  });

  it("takes nothing from outside of the project, no git folder, and leaves what the snapshot holds", async () => {
    at = makeFixture({ a: "a", ".gitignore": "out\ninside\n", "sub/x": "x" });
    const outside = join(at.folder, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "secret"), "s");
    symlinkSync(outside, join(at.path, "out"));
    mkdirSync(join(at.path, ".git"));
    const copy = ["out", "out/secret", "../outside", "../outside/secret", ".git", "a"];
    const root = await open({ copy, link: [...copy, "sub"] });
    for (const path of ["out", "outside", "out/secret"]) assert.equal(existsSync(join(root, path)), false, path);
    assert.equal(lstatSync(join(root, "sub")).isSymbolicLink(), false);
    assert.equal(readFileSync(join(root, "a"), "utf8"), "a");
    assert.notEqual(realpathSync(join(root, ".git")), realpathSync(join(at.path, ".git")));
  });

  it("what cannot be copied is passed by, and everything beside it is there", async function () {
    if (process.platform === "win32") this.skip();
    at = makeFixture({ a: "a", ".gitignore": "cache/*\n!cache/kept\n!cache/plain\n", "cache/plain": "snapshot's", "cache/deep/f*": "f" });
    writeFiles(at.path, { "cache/kept": "link:../a", "cache/own": "link:deep", "cache/deep/.git/config": "x", "cache/deep/.GIT": "x" });
    execFileSync("mkfifo", [join(at.path, "cache/pipe"), join(at.path, "cache/deep/pipe")]);
    const base = await at.snapshot();
    const root = await at.port.openWorktree("s", at.path, "t_1", base, { copy: ["cache/pipe", "cache", "a/x"], link: ["a/x"] });
    const expected = { a: "a", "cache/deep/f*": "f", "cache/kept": "link:../a", "cache/own": "link:deep", "cache/plain": "snapshot's" };
    assert.deepEqual(readFiles(root), { ".gitignore": readFileSync(join(at.path, ".gitignore"), "utf8"), ...expected });
    assert.equal(existsSync(join(root, "cache/deep/.GIT")), false);
    assert.equal(await at.port.commitWorktree("s", at.path, "t_1", base, "work"), base);
  });
});

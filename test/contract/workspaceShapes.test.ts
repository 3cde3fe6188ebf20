// Folders of unusual shape, from a snapshot to a landing and back: submodules, linked worktrees, sparse checkouts, loops of
// links, attributes that change bytes, empty folders, and files that change while they are looked at.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Commit } from "../../src/protocol/ids.ts";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { commitAll, type Files, gitIn, readFiles, writeFiles } from "../support/gitProject.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const restless = fileURLToPath(new URL("../support/restlessProgram.ts", import.meta.url));

describe("workspace: shapes of folders", () => {
  let at: Fixture;
  afterEach(() => at.remove());

  /** The change lands, and is taken back; `workspace` is not always the fixture's own folder. */
  const thereAndBack = async (workspace: string, put: Files, gone: string[] = []): Promise<void> => {
    const { port } = at;
    const snapshot = async (): Promise<Commit> => {
      const taken = await port.snapshot("s", workspace);
      assert.ok(taken.ok, taken.ok ? "" : taken.error.message);
      return taken.value.commit;
    };
    const before = readFiles(workspace);
    const base = await snapshot();
    const folder = await port.openWorktree("s", workspace, "t_shape", base);
    const held = readFiles(folder);
    for (const path of [...gone, ...Object.keys(put)]) rmSync(join(folder, path.replace(/\*$/, "")), { recursive: true, force: true });
    writeFiles(folder, put);
    const work = await port.commitWorktree("s", workspace, "t_shape", base, "work");
    await port.closeWorktree("s", workspace, "t_shape");
    const landed = await port.land("s", workspace, base, work, 0);
    assert.ok(landed.ok && landed.value.conflicts.length === 0, JSON.stringify(landed));
    const present = await snapshot();
    assert.equal(await port.treeOf("s", workspace, present), await port.treeOf("s", workspace, work));
    const back = await port.land("s", workspace, present, base, 1);
    assert.ok(back.ok && back.value.conflicts.length === 0, JSON.stringify(back));
    assert.deepEqual(readFiles(workspace), before);
    assert.equal(await port.treeOf("s", workspace, await snapshot()), await port.treeOf("s", workspace, base));
    assert.deepEqual(
      Object.keys(held).filter((path) => !(path in before)),
      [],
      "nothing is made up",
    );
  };

  it("a submodule: its files like any others, its own data untouched", async () => {
    at = makeFixture({ a: "a\n", "run*": "#\n" });
    const other = join(at.folder, "library");
    mkdirSync(other);
    writeFiles(other, { "lib.ts": "one\n", "deep/l.ts": "l\n" });
    commitAll(other);
    commitAll(at.path);
    gitIn(at.path, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", other, "sub");
    commitAll(at.path, "with a submodule");
    const pointer = readFileSync(join(at.path, "sub", ".git"), "utf8");
    await thereAndBack(at.path, { "sub/lib.ts": "two\n", "sub/new.ts": "n\n", a: "b\n" }, ["sub/deep/l.ts"]);
    assert.equal(readFileSync(join(at.path, "sub", ".git"), "utf8"), pointer);
    assert.equal(gitIn(at.path, "status", "--porcelain"), "");
  });

  it("a repository within that has no commit yet", async () => {
    at = makeFixture({ a: "a\n", "fresh/b": "b\n", "fresh/.gitignore": "*.o\n", "fresh/c.o": "o" });
    gitIn(join(at.path, "fresh"), "init", "--quiet");
    gitIn(at.path, "init", "--quiet");
    await thereAndBack(at.path, { "fresh/b": "B\n", "fresh/new": "n\n" });
    assert.ok(existsSync(join(at.path, "fresh", ".git", "HEAD")));
  });

  it("a linked worktree", async () => {
    at = makeFixture({ a: "a\n", ".gitignore": "*.log\n" }, "main");
    commitAll(at.path);
    const linked = join(at.folder, "linked");
    gitIn(at.path, "worktree", "add", "--quiet", "-b", "side", linked);
    writeFiles(linked, { "kept.log": "tracked all the same\n", "other.log": "hidden\n" });
    gitIn(linked, "add", "--force", "kept.log");
    gitIn(linked, "commit", "--quiet", "-m", "kept");
    writeFiles(linked, { a: "not committed\n", untracked: "u\n" });
    const pointer = readFileSync(join(linked, ".git"), "utf8");
    await thereAndBack(linked, { a: "agent\n", "kept.log": "agent\n", n: "n\n" }, ["untracked"]);
    assert.equal(readFileSync(join(linked, ".git"), "utf8"), pointer);
    assert.equal(gitIn(linked, "status", "--porcelain"), " M a\n?? untracked\n");
    assert.deepEqual(readFiles(at.path), { ".gitignore": "*.log\n", a: "a\n" });
  });

  for (const form of ["--no-sparse-index", "--sparse-index"])
    it(`a sparse checkout (${form}): what is not there is no deletion`, async () => {
      at = makeFixture({ top: "t\n", "in/a": "a\n", "out/b": "b\n", "out/deep/c": "c\n" });
      commitAll(at.path);
      gitIn(at.path, "sparse-checkout", "set", "--cone", form, "in");
      assert.deepEqual(Object.keys(readFiles(at.path)), ["in/a", "top"]);
      await thereAndBack(at.path, { "in/a": "A\n", "in/n": "n\n" });
      assert.equal(gitIn(at.path, "status", "--porcelain"), "");
      gitIn(at.path, "sparse-checkout", "disable");
      assert.deepEqual(Object.keys(readFiles(at.path)), ["in/a", "out/b", "out/deep/c", "top"]);
      assert.deepEqual(Object.keys(await at.filesOf(await at.snapshot())), ["in/a", "out/b", "out/deep/c", "top"]);
    });

  it("links in a circle, to themselves, upwards and out of the folder", async () => {
    at = makeFixture({
      a: "link:b",
      b: "link:a",
      self: "link:self",
      "d/up": "link:..",
      "d/e/far": "link:../../..",
      out: "link:/",
      x: "x\n",
    });
    await thereAndBack(at.path, { b: "no link\n", "d/up": "link:./e", "d/e/far": "link:../../x", x: "link:self" });
  });

  for (const rule of [
    "* text=auto",
    "* text eol=crlf",
    "* text eol=lf",
    "* -text",
    "* ident",
    "wide text working-tree-encoding=UTF-16LE-BOM",
    "* binary",
  ])
    it(`attributes that change bytes elsewhere: ${rule}`, async () => {
      const files: Files = {
        ".gitattributes": `${rule}\n`,
        unix: "a\nb\nc\nd\ne\n",
        dos: "a\r\nb\r\nc\r\nd\r\ne\r\n",
        mixed: "a\r\nb\nc\r",
        ident: "$Id$\n",
        wide: Buffer.from("\ufeffgr\u00fc\u00df\r\n", "utf16le"),
        bytes: Buffer.from([0, 13, 10, 255, 26]),
      };
      at = makeFixture(files);
      commitAll(at.path);
      for (const [path, content] of Object.entries(files)) writeFileSync(join(at.path, path), content);
      const put = {
        unix: "a\nb\nc\nd\nE\n",
        dos: "a\r\nb\r\nc\r\nd\r\nE\r\n",
        mixed: "a\nb\r\nc\r",
        ident: "$Id: x $\n",
        wide: Buffer.from("\ufeffx\r\n", "utf16le"),
      };
      await thereAndBack(at.path, put);
      const base = await at.snapshot();
      const work = await at.change(base, put);
      writeFiles(at.path, { dos: "mine\r\nb\r\nc\r\nd\r\ne\r\n" });
      assert.deepEqual((await at.land(base, work)).conflicts, []);
      assert.equal(readFiles(at.path)["dos"], "mine\r\nb\r\nc\r\nd\r\nE\r\n");
    });

  it("empty folders stay the user's; one that a change leaves empty goes and comes back", async () => {
    at = makeFixture({ "d/only": "o\n", a: "a\n" });
    for (const folder of ["empty", "nested/empty/er", "d/beside"]) mkdirSync(join(at.path, folder), { recursive: true });
    await thereAndBack(at.path, { a: "A\n", "nested/empty/n": "n\n" }, ["d/only"]);
    assert.deepEqual(readdirSync(at.path).toSorted(), ["a", "d", "empty", "nested"]);
    assert.deepEqual(readdirSync(join(at.path, "d")).toSorted(), ["beside", "only"]);
    assert.deepEqual(readdirSync(join(at.path, "nested", "empty")), ["er"]);
  });

  it("files that change while they are looked at: each is as it was at some moment, and the last look is exact", async function () {
    this.timeout(120_000);
    at = makeFixture({ "still/a": "a\n" });
    const child = spawn(process.execPath, [restless, at.path], { stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(child.stdout, "data");
      for (let round = 0; round < 12; round++) {
        const seen = await at.filesOf(await at.snapshot());
        assert.equal(seen["still/a"], "a\n");
        for (const [path, text] of Object.entries(seen)) {
          if (!/^f\d+$/.test(path)) continue;
          const [first = "", ...rest] = text.split("\n");
          assert.ok(first.startsWith(`${path} `) && rest.slice(0, -1).every((line) => line === first), `${path} is torn: ${text}`);
        }
      }
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    assert.deepEqual(await at.filesOf(await at.snapshot()), readFiles(at.path));
  });

  it("a task's folder whose update was cut short is brought to its end, and never half", async () => {
    at = makeFixture({ a: "a\n", b: "b\n", "c/d": "d\n" });
    const base = await at.snapshot();
    const next = await at.change(base, { a: "A\n", b: "B\n", n: "n\n" }, ["c/d"]);
    const folder = await at.open("t_cut", base);
    const [home = ""] = readdirSync(join(at.dataDir, "workspaces"));
    writeFileSync(join(at.dataDir, "workspaces", home, "tasks", "s", "t_cut.updating"), `${next}\n`);
    writeFiles(folder, { a: "A\n" });
    const port = createWorkspace({ dataDir: at.dataDir });
    assert.equal(await port.openWorktree("s", at.path, "t_cut", base), folder);
    assert.deepEqual(readFiles(folder), { a: "A\n", b: "B\n", n: "n\n" });
    assert.equal(await port.commitWorktree("s", at.path, "t_cut", next, "nothing"), next);
    writeFiles(folder, { b: "more\n" });
    await port.openWorktree("s", at.path, "t_cut", base);
    assert.equal(readFiles(folder)["b"], "more\n", "once at its end, it is the agent's again");
  });
});

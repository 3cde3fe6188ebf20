// Tasks' own folders, and how their work is taken back, compared and joined.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Commit } from "../../src/protocol/ids.ts";
import { filesIn } from "../../src/protocol/patch.ts";
import { commitAll, gitIn, readFiles, removeFiles, writeFiles } from "../support/gitProject.ts";
import { folderWorld } from "../support/folderWorld.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

const text = (...lines: (string | number)[]): string => lines.map((line) => `${line}\n`).join("");

describe("workspace: tasks", () => {
  let at: Fixture;
  let base: Commit;
  const begin = async (...args: Parameters<typeof makeFixture>): Promise<Fixture> => {
    at = makeFixture(...args);
    base = await at.snapshot();
    return at;
  };
  const commit = async (onto = base): Promise<Commit> => await at.port.commitWorktree("s", at.path, "t_1", onto, "work");
  afterEach(() => at.remove());

  describe("a task's folder", () => {
    it("lies outside of the workspace, holds the commit, and is the same when asked again", async () => {
      const { open, path } = await begin({ a: "a", "run*": "x", "dir/l": "link:../a" });
      const root = await open("t_1", base);
      assert.ok(!root.startsWith(path));
      assert.deepEqual(readFiles(root), readFiles(path));
      writeFiles(root, { a: "edited" });
      assert.equal(await open("t_1", base), root);
      assert.equal(readFileSync(join(root, "a"), "utf8"), "edited");
      assert.notEqual(await open("t_2", base), root);
      assert.equal(readFileSync(join(path, "a"), "utf8"), "a");
    });

    it("is made again when its making was cut short", async () => {
      const { open, dataDir } = await begin({ a: "a", b: "b" });
      const root = await open("t_1", base);
      const [marker] = findFiles(dataDir, ".ready");
      rmSync(marker!);
      removeFiles(root, ["a"]);
      writeFiles(root, { half: "x" });
      await open("t_1", base);
      assert.deepEqual(readFiles(root), { a: "a", b: "b" });
    });

    it("is one and the same for two who ask at once", async () => {
      const { open } = await begin({ a: "a", b: "b" });
      const roots = await Promise.all([open("t_1", base), open("t_1", base), open("t_1", base)]);
      assert.equal(new Set(roots).size, 1);
      assert.deepEqual(readFiles(roots[0]), { a: "a", b: "b" });
    });

    it("has names that cannot lead elsewhere", async () => {
      const { path, port, dataDir } = await begin({ a: "a" });
      const root = await port.openWorktree("../../s", path, "t_../../../x", base);
      assert.ok(root.startsWith(join(realpathSync(dataDir), "worktrees")) && !root.includes(".."));
      await port.closeWorktree("../../s", path, "t_../../../x");
      assert.equal(existsSync(root), false);
    });

    it("shows the project's history to the agent's own git, and a clean status", async () => {
      at = makeFixture({ a: "a", ".gitattributes": "* text eol=crlf\n", "node_modules/x": "x", ".gitignore": "node_modules/\n" });
      commitAll(at.path, "first words");
      writeFiles(at.path, { a: "uncommitted" });
      base = await at.snapshot();
      const root = await at.open("t_1", base);
      assert.equal(gitIn(root, "status", "--porcelain"), "");
      assert.match(gitIn(root, "log", "--format=%s"), /first words\n$/);
      assert.match(gitIn(root, "diff", "HEAD~1"), /\+uncommitted/);
      writeFiles(root, { a: "more" });
      gitIn(root, "commit", "--quiet", "-am", "the agent's own");
      assert.equal(gitIn(root, "status", "--porcelain"), "");
      assert.equal((await at.filesOf(await commit()))["a"], "more");
    });

    it("shows the history of a linked worktree, and never that of a repository that a planted .git points to", async () => {
      at = makeFixture({ a: "a" });
      const other = join(at.folder, "other");
      mkdirSync(other);
      writeFiles(other, { secret: "s" });
      commitAll(other, "private words");
      const log = async (path: string): Promise<string> => {
        const taken = await at.port.snapshot("s", path);
        assert.ok(taken.ok);
        return gitIn(await at.port.openWorktree("s", path, `t_${path.length}`, taken.value.commit), "log", "--format=%s");
      };
      gitIn(other, "worktree", "add", "--quiet", "-b", "second", join(at.folder, "linked"));
      assert.match(await log(join(at.folder, "linked")), /private words/);
      writeFiles(at.path, { ".git": `gitdir: ${join(other, ".git")}\n` });
      assert.doesNotMatch(await log(at.path), /private words/);
      removeFiles(at.path, [".git"]);
      writeFiles(at.path, { ".git": `link:${join(other, ".git")}` });
      await at.port.dispose("s", at.path);
      assert.doesNotMatch(await log(at.path), /private words/);
    });

    it("shares what is installed in the workspace, and never takes it into a commit", async () => {
      const { open, path } = await begin({ a: "a", "node_modules/x/i.js": "x", ".venv/bin/python": "x" });
      const root = await open("t_1", base);
      assert.equal(readFileSync(join(root, "node_modules/x/i.js"), "utf8"), "x");
      assert.equal(realpathSync(join(root, ".venv")), join(path, ".venv"));
      writeFiles(root, { "node_modules/.cache/tool": "worked out" });
      assert.ok(!existsSync(join(path, "node_modules/.cache")), "what tools write beside the packages is the task's own");
      assert.equal(await commit(), base);
      await at.port.closeWorktree("s", path, "t_1");
      assert.ok(existsSync(join(path, "node_modules/x/i.js")));
    });
  });

  describe("a task's work", () => {
    it("is its base when nothing changed", async () => {
      const { open } = await begin({ a: "a" });
      const root = await open("t_1", base);
      assert.equal(await commit(), base);
      writeFiles(root, { a: "b" });
      const changed = await commit();
      assert.notEqual(changed, base);
      assert.equal(await commit(changed), changed);
    });

    it("is what the folder holds: edits, new files, removals, modes, links, tracked files that rules hide", async () => {
      const { open, filesOf } = await begin({ a: "a", gone: "x", mode: "x", "dir/x": "x", ".gitignore": "*.log\n" });
      const root = await open("t_1", base);
      removeFiles(root, ["gone", "dir", "mode"]);
      writeFiles(root, { a: "aa", "new/b": "b", "mode*": "x", dir: "link:a", "x.log": "hidden" });
      const first = await commit();
      const expected = { ".gitignore": "*.log\n", a: "aa", dir: "link:a", "mode*": "x", "new/b": "b" };
      assert.deepEqual(await filesOf(first), expected);
      writeFiles(root, { ".gitignore": "*.log\na\n", a: "still known" });
      assert.equal((await filesOf(await commit(first)))["a"], "still known");
    });

    it("is taken whatever the agent did to the folder's own git", async function () {
      if (process.platform === "win32") this.skip();
      const { folder, open, filesOf } = await begin({ a: "a" });
      const root = await open("t_1", base);
      const ran = join(folder, "ran");
      const trap = `#!/bin/sh\ntouch '${ran}'\ncat\n`;
      writeFiles(root, { "trap*": trap, ".gitattributes": "* filter=evil\n", a: "edited" });
      for (const hook of ["post-checkout", "post-index-change", "pre-commit"]) writeFiles(root, { [`.git/hooks/${hook}*`]: trap });
      writeFileSync(
        join(root, ".git/config"),
        `[core]\n\tfsmonitor = ${root}/trap\n[filter "evil"]\n\tclean = ${root}/trap\n\tsmudge = ${root}/trap\n`,
      );
      const first = await commit();
      assert.equal((await filesOf(first))["a"], "edited");
      await at.port.updateWorktree("s", at.path, "t_1", base);
      rmSync(join(root, ".git"), { recursive: true });
      writeFiles(root, { a: "without git" });
      assert.equal((await filesOf(await commit()))["a"], "without git");
      mkdirSync(join(folder, "elsewhere"));
      rmSync(join(root, ".git"), { recursive: true, force: true });
      writeFiles(root, { ".git": "link:../../../../elsewhere" });
      await at.port.updateWorktree("s", at.path, "t_1", first);
      assert.deepEqual(readFiles(join(folder, "elsewhere")), {});
      assert.equal(existsSync(ran), false);
    });

    it("does not reach through a link that an agent put in a folder's place", async () => {
      const { folder, open, filesOf } = await begin({ "src/a": "a", b: "b" });
      const root = await open("t_1", base);
      mkdirSync(join(folder, "private"));
      writeFiles(folder, { "private/a": "secret" });
      removeFiles(root, ["src"]);
      writeFiles(root, { src: `link:${join(folder, "private")}` });
      assert.deepEqual(await filesOf(await commit()), { b: "b", src: `link:${join(folder, "private")}` });
      await at.port.updateWorktree("s", at.path, "t_1", base);
      assert.deepEqual(readFiles(root), { b: "b", "src/a": "a" });
      assert.deepEqual(readFiles(join(folder, "private")), { a: "secret" });
    });

    it("keeps as they were those files that can no longer be taken, names them, and lands without them", async function () {
      if (process.platform === "win32") this.skip();
      this.timeout(60_000);
      const files = { big: "b", "d/pipe": "p", "d/socket": "s", gone: "g", keep: "k", "dir/x": "x", "link/a": "a" };
      const { open, path, port, filesOf, land } = await begin(files);
      const root = await open("t_1", base);
      const left: string[][] = [];
      const take = async (): Promise<Commit> =>
        await port.commitWorktree("s", path, "t_1", base, "work", undefined, (paths) => left.push(paths));
      writeFiles(root, { big: "an earlier edit", "d/pipe": "an earlier edit", new: "n" });
      await take();
      const [index] = findFiles(at.dataDir, "t_1.index");
      assert.deepEqual(left, []);
      removeFiles(root, ["gone", "d/pipe", "d/socket", "dir", "link"]);
      for (const name of ["big", "new"]) truncateSync(join(root, name), 60 * 1024 * 1024);
      for (const name of ["pipe", "socket"]) execFileSync("mkfifo", [join(root, "d", name)]);
      // What is behind a link or in another thing's place was removed.
      mkdirSync(join(at.folder, "elsewhere"));
      execFileSync("mkfifo", [join(at.folder, "elsewhere/a"), join(root, "dir")]);
      writeFiles(root, { link: `link:${join(at.folder, "elsewhere")}`, keep: "edited" });
      const expected = { big: "b", "d/pipe": "p", "d/socket": "s", keep: "edited", link: `link:${join(at.folder, "elsewhere")}` };
      for (const look of ["next", "first"]) {
        if (look === "first") rmSync(index!);
        assert.deepEqual(await filesOf(await take()), expected, look);
        assert.deepEqual(left.pop(), ["big", "d/pipe", "d/socket", "new"], look);
      }
      await land(base, await take());
      assert.deepEqual(readFiles(path), expected);
      removeFiles(root, ["new"]);
      await port.updateWorktree("s", path, "t_1", base);
      assert.deepEqual(readFiles(root), files, "and the folder can be used again");
    });

    it("is as it was where a folder may not be entered any more", async function () {
      if (process.platform === "win32" || process.getuid?.() === 0) this.skip();
      const { open, filesOf } = await begin({ "d/e/x": "x", a: "a", b: "b" });
      const root = await open("t_1", base);
      writeFiles(root, { a: "edited" });
      for (const name of ["d", "b"]) chmodSync(join(root, name), 0);
      const done = await commit();
      for (const name of ["d", "b"]) chmodSync(join(root, name), 0o700);
      assert.deepEqual(await filesOf(done), { "d/e/x": "x", a: "edited", b: "b" });
    });

    it("survives the loss of its index", async () => {
      const { open, dataDir, filesOf } = await begin({ a: "a", b: "b", ".gitignore": "b" });
      const root = await open("t_1", base);
      writeFiles(root, { a: "edited" });
      rmSync(findFiles(dataDir, ".index")[0]!);
      assert.deepEqual(await filesOf(await commit()), { ".gitignore": "b", a: "edited" });
    });
  });

  it("a folder can be brought to another commit, whatever is in it", async () => {
    const { open, change } = await begin({ a: "a", b: "b", "dir/c": "c", ".gitignore": "cache\n" });
    const target = await change(base, { a: "new a", dir: "a file now", "d/e": "e" }, ["b", "dir"]);
    const root = await open("t_1", base);
    removeFiles(root, ["a"]);
    writeFiles(root, { b: "edited", untracked: "x", d: "in the way", cache: "kept" });
    await at.port.updateWorktree("s", at.path, "t_1", target);
    assert.deepEqual(readFiles(root), { ".gitignore": "cache\n", a: "new a", cache: "kept", "d/e": "e", dir: "a file now" });
    assert.equal(await commit(target), target);
    assert.equal(gitIn(root, "status", "--porcelain"), "");
  });

  it("a session's folders can be removed, and their work is still there", async () => {
    const { open, path, port, filesOf } = await begin({ a: "a" });
    const root = await open("t_1", base);
    writeFiles(root, { a: "b" });
    const done = await commit();
    await port.dispose("s", path);
    assert.equal(existsSync(root), false);
    assert.deepEqual(await filesOf(done), { a: "b" });
  });

  it("the last folder of a session takes what held it along", async () => {
    const { open, path, port, dataDir } = await begin({ a: "a" });
    const [first] = [await open("t_1", base), await open("t_2", base)];
    const worktrees = join(dataDir, "worktrees");
    await port.closeWorktree("s", path, "t_2");
    assert.deepEqual([readdirSync(worktrees).length, existsSync(first)], [1, true]);
    await port.closeWorktree("s", path, "t_1");
    assert.deepEqual(readdirSync(worktrees), []);
    await port.closeWorktree("s", path, "t_1");
    await open("t_3", base);
    await port.dispose("s", path);
    assert.deepEqual(readdirSync(worktrees), []);
  });

  it("what of an agent's work cannot be taken is named in the record, and no change to the user's file", async function () {
    this.timeout(60_000);
    const world = await folderWorld({ big: "b\n", a: "a\n" });
    at = world.at;
    const sessionId = await world.run({ put: { big: Buffer.alloc(51 * 1024 * 1024), a: "edited\n" } });
    const events = await world.store.read(sessionId);
    const errors = events.flatMap(({ type, payload }) => (type === "error" ? [payload as { code: string; message: string }] : []));
    assert.deepEqual(
      errors.map(({ code }) => code),
      ["not_taken"],
    );
    assert.match(errors[0]!.message, /: big\. In your files they stay as they are\.$/);
    const { landing } = await world.state(sessionId);
    assert.deepEqual(
      landing?.files?.map(({ path }) => path),
      ["a"],
    );
  });

  it("a difference is told file by file, and as a patch", async () => {
    const { change, port, path } = await begin({ a: text(1, 2, 3), gone: text(1), bin: Buffer.from([0, 1]), "tab\tname": "x\n" });
    const to = await change(base, { a: text(1, "two", 3, 4), new: text("n"), bin: Buffer.from([0, 2]), "tab\tname": "y\n" }, ["gone"]);
    const { files, text: patch } = await port.diff("s", path, base, to);
    assert.deepEqual(files, [
      { path: "a", kind: "modified", added: 2, removed: 1 },
      { path: "bin", kind: "modified", added: 0, removed: 0 },
      { path: "gone", kind: "deleted", added: 0, removed: 1 },
      { path: "new", kind: "added", added: 1, removed: 0 },
      { path: "tab\tname", kind: "modified", added: 1, removed: 1 },
    ]);
    assert.deepEqual(filesIn(patch), files, "the patch alone tells the same");
    assert.match(patch, /^diff --git a\/a b\/a\n.*@@ -1,3 \+1,4 @@\n 1\n-2\n\+two\n 3\n\+4\n/s);
    assert.deepEqual(await port.diff("s", path, to, to), { text: "", files: [] });
  });

  it("a difference says where a link is, was or comes to be", async () => {
    const { change, port, path } = await begin({ a: "a", old: "link:a", gone: "link:a", plain: "x", becomes: "x" });
    const to = await change(base, { old: "a file", new: "link:/etc", becomes: "link:a", plain: "y" }, ["gone"]);
    const { files } = await port.diff("s", path, base, to);
    assert.deepEqual(
      files.map((file) => [file.path, file.kind, file.link]),
      [
        ["becomes", "modified", true],
        ["gone", "deleted", true],
        ["new", "added", true],
        ["old", "modified", true],
        ["plain", "modified", undefined],
      ],
    );
  });

  describe("two lines of work", () => {
    const merge = async (ours: Commit, theirs: Commit) => await at.port.merge("s", at.path, base, ours, theirs, "joined");

    it("join when they touch different places", async () => {
      const { change, filesOf } = await begin({ a: text(1, 2, 3, 4, 5), b: "b" });
      const ours = await change(base, { a: text("one", 2, 3, 4, 5), ours: "o" });
      const theirs = await change(base, { a: text(1, 2, 3, 4, "five"), theirs: "t" }, ["b"]);
      const { commit, conflicts } = await merge(ours, theirs);
      assert.deepEqual(conflicts, []);
      assert.deepEqual(await filesOf(commit), { a: text("one", 2, 3, 4, "five"), ours: "o", theirs: "t" });
      const third = await change(base, { third: "3" });
      assert.deepEqual(Object.keys(await filesOf((await merge(commit, third)).commit)), ["a", "ours", "theirs", "third"]);
    });

    it("name the files where they do not, and leave ours as it was", async () => {
      const { change } = await begin({ a: text(1), b: text(1), gone: text(1, 2, 3) });
      const ours = await change(base, { a: "ours\n", b: text(1, 2), "both new": "ours\n" }, ["gone"]);
      const theirs = await change(base, { a: "theirs\n", gone: text(1, 2, 3, 4), "both new": "theirs\n", fine: "f" });
      const { commit, conflicts } = await merge(ours, theirs);
      assert.equal(commit, ours);
      assert.deepEqual([...conflicts].sort(), ["a", "both new", "gone"]);
    });

    it("need no joining when only one of them moved, or both did the same", async () => {
      const { change } = await begin({ a: "a" });
      const moved = await change(base, { a: "b" });
      const same = await change(base, { a: "b" });
      assert.deepEqual(await merge(base, moved), { commit: moved, conflicts: [] });
      assert.deepEqual(await merge(moved, base), { commit: moved, conflicts: [] });
      assert.deepEqual(await merge(moved, same), { commit: moved, conflicts: [] });
    });
  });

  it("what is no commit is refused before git sees it", async () => {
    const { port, path } = await begin({ a: "a" });
    await assert.rejects(port.treeOf("s", path, "--help"), /not a commit/);
    await assert.rejects(port.diff("s", path, "--output=x", base), /not a commit/);
  });

  it("snapshots outlive the workspace's own move", async () => {
    const { path, folder, port } = await begin({ a: "a" });
    renameSync(path, join(folder, "moved"));
    assert.match(await port.treeOf("s", path, base), /^[0-9a-f]{40}$/);
  });
});

function findFiles(folder: string, ending: string): string[] {
  return Object.keys(readFiles(folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

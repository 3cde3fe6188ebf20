// What a snapshot holds, and what taking one must never do: run anything of the user's repository.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createWorkspace } from "../../src/workspace/workspace.ts";
import { commitAll, gitIn, readFiles, writeFiles } from "../support/gitProject.ts";
import { type Fixture, makeFixture } from "../support/workspaceFixture.ts";

describe("workspace: snapshots", () => {
  let it_: Fixture;
  const fixture = (...args: Parameters<typeof makeFixture>): Fixture => (it_ = makeFixture(...args));
  afterEach(() => it_.remove());

  it("hold what is there now: committed, changed, new, removed", async () => {
    const { path, snapshot, filesOf } = fixture({ "kept.txt": "1\n", "changed.txt": "1\n", "removed.txt": "1\n" });
    commitAll(path);
    writeFiles(path, { "changed.txt": "2\n", "new/deep/er.txt": "3\n" });
    rmSync(join(path, "removed.txt"));
    assert.deepEqual(await filesOf(await snapshot()), { "changed.txt": "2\n", "kept.txt": "1\n", "new/deep/er.txt": "3\n" });
  });

  it("hold every byte, link and executable bit, whatever the attributes say", async () => {
    const { path, snapshot, filesOf } = fixture({
      ".gitattributes": "* text=auto eol=crlf ident\n*.utf working-tree-encoding=ISO-8859-1\n*.lfs filter=lfs diff=lfs merge=lfs -text\n",
      "unix.txt": "a\nb\n$Id$\n",
      "dos.txt": "a\r\nb\r\n",
      "mixed.txt": "a\r\nb\n\r",
      "x.utf": Buffer.from([0xe9, 10]),
      "big.lfs": "version of nothing\n",
      "bytes.bin": Buffer.from([0, 255, 13, 10, 0, 26]),
      empty: "",
      "run.sh*": "#!/bin/sh\n",
      link: "link:unix.txt",
      dangling: "link:/nowhere/at all",
      "to folder": "link:.",
      'ünïcödé/日本語 "quoted"\t.txt': "name\n",
      "-rf": "a name like an option\n",
      "new\nline": "x",
    });
    const before = readFiles(path);
    assert.deepEqual(await filesOf(await snapshot()), before);
    commitAll(path);
    assert.deepEqual(await filesOf(await snapshot()), before);
  });

  it("leave out what the rules hide, but not what is tracked all the same", async () => {
    const { path, snapshot } = fixture({
      ".gitignore": "*.log\n/out/\nsecret/*\n!secret/open\n",
      "out/tracked.js": "tracked",
      "a.log": "hidden",
      "sub/.gitignore": "!b.log\nonly-here\n",
      "sub/b.log": "shown again",
      "sub/only-here": "hidden",
      "only-here": "shown",
      "secret/key": "hidden",
      "secret/open": "shown",
      "node_modules/x/index.js": "installed",
      mine: "hidden by the repository's own rules",
    });
    gitIn(path, "init", "--quiet");
    gitIn(path, "add", "--force", "out/tracked.js", ".gitignore");
    gitIn(path, "commit", "--quiet", "-m", "c");
    writeFiles(path, { "out/new.js": "hidden", ".git/info/exclude": "mine\n" });
    const commit = await snapshot();
    const root = await it_.open("t_1", commit);
    const found = Object.keys(readFiles(root)).filter((name) => !name.startsWith("node_modules/"));
    assert.deepEqual(found, [".gitignore", "only-here", "out/tracked.js", "secret/open", "sub/.gitignore", "sub/b.log"]);
  });

  it("know the rules of the repository around a workspace that is a part of it", async () => {
    const { folder, path, snapshot, change, filesOf } = fixture(
      { "a.ts": "a", "build/x": "hidden", "lib/x": "shown", "deps/y": "hidden" },
      "mono/packages/one",
    );
    writeFiles(join(folder, "mono"), { ".gitignore": "deps\n/packages/*/build\n/lib\n", "packages/.gitignore": "*.tmp\n" });
    writeFiles(path, { "b.tmp": "hidden" });
    commitAll(join(folder, "mono"));
    const commit = await snapshot();
    assert.deepEqual(await filesOf(commit), { "a.ts": "a", "lib/x": "shown" });
    const changed = await change(commit, { "build/y": "hidden", "c.tmp": "hidden", "lib/y": "shown" });
    assert.deepEqual(await filesOf(changed), { "a.ts": "a", "lib/x": "shown", "lib/y": "shown" });
  });

  it("work without a repository, and leave out what is generated", async () => {
    const { snapshot, filesOf } = fixture({
      "a.py": "a",
      "__pycache__/a.pyc": "x",
      "dist/a": "x",
      "node_modules/b": "x",
      ".gitignore": "*.tmp",
      "c.tmp": "x",
    });
    const root = await filesOf(await snapshot());
    delete root["node_modules/b"];
    assert.deepEqual(root, { ".gitignore": "*.tmp", "a.py": "a" });
  });

  it("take nested repositories file by file, also broken, empty and linked ones", async () => {
    const { path, snapshot, filesOf } = fixture({
      a: "a",
      "nested/b": "b",
      "nested/.gitignore": "*.log",
      "nested/c.log": "hidden",
      "fresh/d": "d",
      "broken/.git": "gitdir: /nowhere",
      "broken/e": "e",
      "nested/deeper/f": "f",
    });
    commitAll(join(path, "nested", "deeper"));
    commitAll(join(path, "nested"));
    gitIn(join(path, "fresh"), "init", "--quiet");
    gitIn(path, "init", "--quiet");
    gitIn(path, "add", "a", "nested");
    gitIn(path, "commit", "--quiet", "-m", "with a gitlink");
    gitIn(join(path, "nested"), "worktree", "add", "--quiet", "-b", "other", join(path, "linked"));
    assert.deepEqual(await filesOf(await snapshot()), {
      a: "a",
      "broken/e": "e",
      "fresh/d": "d",
      "linked/.gitignore": "*.log",
      "linked/b": "b",
      "nested/.gitignore": "*.log",
      "nested/b": "b",
      "nested/deeper/f": "f",
    });
  });

  it("pass by what cannot be stored, and take the rest", async function () {
    if (process.platform === "win32") this.skip();
    const { path, port, filesOf } = fixture({ good: "g", "git~1/x": "x", ".GIT/config": "x" });
    execFileSync("mkfifo", [join(path, "pipe")]);
    writeFileSync(Buffer.concat([Buffer.from(`${path}/bad`), Buffer.from([0xff])]), "x");
    writeFileSync(join(path, "huge"), "");
    execFileSync("truncate", ["-s", "60M", join(path, "huge")]);
    const taken = await port.snapshot("s", path);
    assert.ok(taken.ok);
    assert.deepEqual(await filesOf(taken.value.commit), { good: "g" });
    assert.ok(taken.value.left.includes("huge"), "what was left out is named");
  });

  it("see every change since the last one", async () => {
    const { path, snapshot, filesOf } = fixture({
      "same-size": "aaaa",
      mode: "x",
      "becomes-folder": "x",
      "becomes-file/x": "x",
      gone: "x",
      link: "link:mode",
    });
    const first = await snapshot();
    assert.equal(await it_.port.treeOf("s", path, await snapshot()), await it_.port.treeOf("s", path, first));
    // Within the same tick, of the same size: only the content differs.
    const stamp = new Date(2026, 0, 1);
    utimesSync(join(path, "same-size"), stamp, stamp);
    await snapshot();
    writeFileSync(join(path, "same-size"), "bbbb");
    utimesSync(join(path, "same-size"), stamp, stamp);
    chmodSync(join(path, "mode"), 0o755);
    for (const name of ["becomes-folder", "becomes-file", "gone", "link"]) rmSync(join(path, name), { recursive: true });
    writeFiles(path, { "becomes-folder/y": "y", "becomes-file": "y", link: "no link now" });
    assert.deepEqual(await filesOf(await snapshot()), {
      "becomes-file": "y",
      "becomes-folder/y": "y",
      link: "no link now",
      "mode*": "x",
      "same-size": "bbbb",
    });
  });

  it("do not reach through a link that took a folder's place", async () => {
    const { folder, path, snapshot, filesOf } = fixture({ "src/a": "a", ".gitignore": "src" });
    gitIn(path, "init", "--quiet");
    gitIn(path, "add", "--force", ".");
    await snapshot();
    renameSync(join(path, "src"), join(folder, "elsewhere"));
    writeFiles(path, { src: "link:../elsewhere", ".gitignore": "nothing" });
    assert.deepEqual(await filesOf(await snapshot()), { ".gitignore": "nothing", src: "link:../elsewhere" });
  });

  it("of an empty folder are empty", async () => {
    const { snapshot, filesOf } = fixture();
    assert.deepEqual(await filesOf(await snapshot()), {});
  });

  it("run nothing of the user's repository, and leave it as it is", async function () {
    if (process.platform === "win32") this.skip();
    const { folder, path, snapshot, change, port, filesOf, land } = fixture({
      ".gitattributes": "* filter=evil diff=evil merge=evil\n",
      "a.txt": "1\n2\n3\n4\n5\n",
    });
    const ran = join(folder, "ran");
    const evil = join(folder, "evil.sh");
    writeFiles(folder, { "evil.sh*": `#!/bin/sh\necho "$0 $*" >> '${ran}'\ncat\n` });
    commitAll(path);
    for (const hook of ["post-checkout", "post-index-change", "pre-commit", "post-commit", "reference-transaction", "fsmonitor-watchman"])
      writeFiles(path, { [`.git/hooks/${hook}*`]: `#!/bin/sh\necho ${hook} >> '${ran}'\n` });
    const settings = { "core.fsmonitor": evil, "filter.evil.clean": evil, "filter.evil.smudge": evil, "filter.evil.required": "true" };
    const more = {
      "diff.evil.textconv": evil,
      "diff.external": evil,
      "merge.evil.driver": `${evil} %A`,
      "core.pager": evil,
      "core.hooksPath": join(path, ".git/hooks"),
    };
    for (const [key, value] of Object.entries({ ...settings, ...more })) gitIn(path, "config", key, value);
    utimesSync(join(path, "a.txt"), 1, 1);
    gitIn(path, "status");
    assert.ok(existsSync(ran), "the trap itself works");
    rmSync(ran);
    utimesSync(join(path, "a.txt"), 2, 2);
    const before = readFiles(join(path, ".git"));

    assert.ok((await port.check(path)).ok);
    const base = await snapshot();
    const ours = await change(base, { "a.txt": "0\n1\n2\n3\n4\n5\n" });
    const theirs = await change(base, { "a.txt": "1\n2\n3\n4\n5\n6\n" });
    const merged = await port.merge("s", path, base, ours, theirs, "m");
    await port.diff("s", path, base, merged.commit);
    assert.deepEqual(merged.conflicts, []);
    writeFiles(path, { "a.txt": "1\n2\n3 by hand\n4\n5\n" });
    assert.deepEqual((await land(base, merged.commit)).conflicts, []);
    assert.equal((await filesOf(await snapshot()))["a.txt"], "0\n1\n2\n3 by hand\n4\n5\n6\n");

    assert.equal(existsSync(ran), false);
    assert.deepEqual(readFiles(join(path, ".git")), before);
  });

  it("are not moved by the environment in which the program was started", async () => {
    const { path, folder, snapshot, filesOf } = fixture({ a: "a" });
    const planted = {
      GIT_DIR: join(folder, "other.git"),
      GIT_WORK_TREE: folder,
      GIT_INDEX_FILE: join(folder, "index"),
      GIT_OBJECT_DIRECTORY: folder,
    };
    Object.assign(process.env, planted);
    try {
      assert.deepEqual(await filesOf(await snapshot()), { a: "a" });
      assert.deepEqual(await createWorkspace({ dataDir: it_.dataDir }).check(path), { ok: true, value: { path } });
    } finally {
      for (const name of Object.keys(planted)) delete process.env[name];
    }
  });

  it("of two programs at once agree", async () => {
    const { path, dataDir, port } = fixture({ a: "a", b: "b" });
    const other = createWorkspace({ dataDir });
    const taken = await Promise.all([port, other, port, other].map(async (each) => await each.snapshot("s", path)));
    const trees = await Promise.all(taken.map(async (one) => await port.treeOf("s", path, one.ok ? one.value.commit : "")));
    assert.equal(new Set(trees).size, 1);
  });

  describe("of a folder that may not be used", () => {
    const refused = async (path: string, reason: RegExp): Promise<void> => {
      const answer = await it_.port.check(path);
      assert.ok(!answer.ok);
      assert.equal(answer.error.code, "no_workspace");
      assert.match(answer.error.message, reason);
    };
    it("say why and what to do", async () => {
      const { path, dataDir } = fixture({ file: "" });
      mkdirSync(join(dataDir, "within"), { recursive: true });
      await refused(join(path, "missing"), /does not exist.*--workspace/);
      await refused(join(path, "file"), /no folder/);
      await refused("/", /too wide/);
      await refused(homedir(), /too wide/);
      await refused(dataDir, /data folder/);
      await refused(join(dataDir, "within"), /data folder/);
    });
    it("name git when it is missing", async () => {
      const { path, dataDir } = fixture();
      const answer = await createWorkspace({ dataDir, git: "no-such-git" }).check(path);
      assert.ok(!answer.ok);
      assert.match(answer.error.message, /install git/);
    });
    it("give the real path of one that may", async () => {
      const { folder, path, port } = fixture();
      writeFiles(folder, { alias: `link:${path}` });
      assert.deepEqual(await port.check(join(folder, "alias")), { ok: true, value: { path } });
    });
    it("a data folder inside of the workspace is never part of it", async () => {
      const { path } = fixture({ a: "a" });
      const port = createWorkspace({ dataDir: join(path, "state", "ao") });
      const taken = await port.snapshot("s", path);
      assert.ok(taken.ok);
      assert.deepEqual(readFiles(await port.openWorktree("s", path, "t_1", taken.value.commit)), { a: "a" });
    });
  });
});

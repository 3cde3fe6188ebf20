// What the git tools promise: the task's own history, and nothing of the repository's ever runs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { access, appendFile, chmod, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("git tools", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  const env = { PATH: process.env["PATH"], HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.test", ...args], {
      cwd: bench.root,
      env,
      encoding: "utf8",
      stdio: "pipe",
    });

  async function withHistory(): Promise<void> {
    git("init", "-q", "-b", "main");
    await bench.put("a.txt", "one\n");
    git("add", ".");
    git("commit", "-qm", "First");
    await bench.put("a.txt", "one\ntwo\n");
    git("commit", "-qam", "Second");
  }

  it("says that there is no repository", async () => {
    for (const [tool, args] of [
      ["status", {}],
      ["diff", {}],
      ["log", {}],
      ["show", { rev: "HEAD" }],
      ["blame", { path: "a" }],
      ["commit", { message: "m" }],
    ] as const)
      assert.equal(codeOf(await bench.call(`git__${tool}`, args)), "not_a_repository", tool);
  });

  it("does not find a repository above the task's folder", async () => {
    await withHistory();
    await mkdir(join(bench.root, "inner"));
    assert.equal(codeOf(await bench.call("git__log", {}, { root: join(bench.root, "inner") })), "not_a_repository");
  });

  it("shows status, diff, log, commits and blame", async () => {
    await withHistory();
    await bench.put("a.txt", "one\n2\n");
    await bench.put("new ü.txt", "x");
    assert.equal((await bench.call("git__status", {})).content, '## main\n M a.txt\n?? "new ü.txt"\n');
    assert.match((await bench.call("git__diff", {})).content, /-two\n\+2\n/);
    assert.match((await bench.call("git__diff", { path: "new ü.txt" })).content, /No changes/);
    assert.match((await bench.call("git__log", { limit: 1 })).content, /^[0-9a-f]+ \d{4}-\d\d-\d\d Ann: Second\n$/);
    assert.match((await bench.call("git__show", { rev: "HEAD~1" })).content, /First[^]*\+one/);
    assert.equal((await bench.call("git__show", { rev: "HEAD:a.txt" })).content, "one\ntwo\n");
    assert.match((await bench.call("git__blame", { path: "a.txt" })).content, /Ann.*one/);
    assert.equal(codeOf(await bench.call("git__show", { rev: "nothing" })), "exit_nonzero");
  });

  it("commits everything, and says when there is nothing or it may not", async () => {
    git("init", "-q", "-b", "main");
    await bench.put("a.txt", "one\n");
    assert.equal((await bench.call("git__log", {})).content, "There are no commits yet.");
    assert.equal(codeOf(await bench.call("git__commit", { message: "m" }, { writable: false })), "not_writable");
    const made = await bench.call("git__commit", { message: "--amend\n\n$(touch x) # kept" });
    assert.match(made.content, /^Committed [0-9a-f]+: --amend/);
    assert.match(git("log", "-1", "--format=%an%n%B"), /^Agent Orchestrator\n--amend\n\n\$\(touch x\) # kept/);
    assert.equal(codeOf(await bench.call("git__commit", { message: "m" })), "nothing_to_commit");
  });

  it("takes nothing given for an option or a place outside", async () => {
    await withHistory();
    for (const rev of ["--output=pwned", "-p", "HEAD --output=x", "HEAD\n--all"])
      assert.equal(codeOf(await bench.call("git__show", { rev })), "invalid_arguments", rev);
    assert.equal(codeOf(await bench.call("git__diff", { path: "../outside" })), "outside");
    assert.equal(codeOf(await bench.call("git__blame", { path: "--contents=/etc/passwd" })), "exit_nonzero");
    assert.match((await bench.call("git__log", { path: ":(top)a.txt" })).content, /No commit touches/);
    await assert.rejects(access(join(bench.root, "pwned")));
  });

  it("runs no hook of the repository", async () => {
    await withHistory();
    for (const hook of ["pre-commit", "commit-msg", "post-commit", "post-index-change", "reference-transaction"]) {
      const file = join(bench.root, ".git/hooks", hook);
      await writeFile(file, `#!/bin/sh\ntouch ${bench.outside}/pwned\n`);
      await chmod(file, 0o755);
    }
    await bench.put("b.txt", "b");
    assert.equal(codeOf(await bench.call("git__commit", { message: "m" })), "ok");
    await assert.rejects(access(join(bench.outside, "pwned")));
  });

  for (const [name, config] of [
    ["fsmonitor", "[core]\n\tfsmonitor = PWN"],
    ["a filter", '[filter "x"]\n\tclean = PWN\n\tsmudge = PWN'],
    ["an external diff", "[diff]\n\texternal = PWN"],
    ["a text conversion", '[diff "x"]\n\ttextconv = PWN'],
    ["an include", "[include]\n\tpath = ../evil"],
    ["a conditional include", '[includeIf "gitdir:**"]\n\tpath = ../evil'],
    ["an alias", "[alias]\n\tstatus = !PWN"],
    ["a hooks folder", "[core]\n\thooksPath = ."],
    ["a promisor remote", '[remote "o"]\n\turl = ext::PWN\n\tpromisor = true'],
    ["another worktree", "[core]\n\tworktree = /"],
    ["signing", "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = PWN"],
  ] as const) {
    it(`refuses a repository that configures ${name}`, async () => {
      await withHistory();
      const script = join(bench.outside, "pwn.sh");
      await writeFile(script, `#!/bin/sh\ntouch ${bench.outside}/pwned\n`);
      await chmod(script, 0o755);
      await bench.put(".gitattributes", "* filter=x diff=x\n");
      await bench.put("evil", `[core]\n\tfsmonitor = ${script}\n`);
      await bench.put("a.txt", "changed\n");
      await appendFile(join(bench.root, ".git/config"), `${config.replaceAll("PWN", script)}\n`);
      for (const [tool, args] of [
        ["status", {}],
        ["diff", {}],
        ["show", { rev: "HEAD" }],
        ["commit", { message: "m" }],
      ] as const)
        assert.equal(codeOf(await bench.call(`git__${tool}`, args)), "unsafe_repository", tool);
      await assert.rejects(access(join(bench.outside, "pwned")));
    });
  }

  it("accepts a file monitor only where it is switched off", async () => {
    await withHistory();
    git("config", "core.fsmonitor", "false");
    assert.equal(codeOf(await bench.call("git__status", {})), "ok");
    for (const value of ["true", "", "false\nx", "./x"]) {
      git("config", "core.fsmonitor", value);
      assert.equal(codeOf(await bench.call("git__status", {})), "unsafe_repository", JSON.stringify(value));
    }
  });

  it("follows no link or file to git data elsewhere", async () => {
    await withHistory();
    await rename(join(bench.root, ".git"), join(bench.outside, "git"));
    await symlink(join(bench.outside, "git"), join(bench.root, ".git"));
    assert.equal(codeOf(await bench.call("git__status", {})), "not_a_repository");
    await rename(join(bench.root, ".git"), join(bench.root, "old"));
    await writeFile(join(bench.root, ".git"), `gitdir: ${bench.outside}/git\n`);
    assert.equal(codeOf(await bench.call("git__status", {})), "not_a_repository");
  });

  it("works with what an ordinary clone configures", async () => {
    await withHistory();
    git("remote", "add", "origin", "https://example.test/x.git");
    git("config", "branch.main.remote", "origin");
    git("config", "branch.main.merge", "refs/heads/main");
    git("config", "core.autocrlf", "false");
    assert.equal(codeOf(await bench.call("git__status", {})), "ok");
  });

  it("says when git itself is missing", async () => {
    await withHistory();
    const other = await openBench({ git: "no-such-git" });
    assert.equal(codeOf(await other.call("git__status", {}, { root: bench.root })), "no_such_command");
    await other.close();
  });
});

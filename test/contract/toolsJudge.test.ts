// What is known of a call before it runs: its real places, its commands, and honest doubt.

import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Reach } from "../../src/core/ports.ts";
import { openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("judging a call", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  const judge = (tool: string, args: unknown): Promise<Reach> => bench.tools.judge(tool, args, { root: bench.root, writable: true });
  const shell = (command: string, cwd?: string): Promise<Reach> => judge("shell__run", { command, ...(cwd === undefined ? {} : { cwd }) });

  it("sees nothing to mind in an ordinary call", async () => {
    const nothing = { certain: true, outside: [], protected: [], commands: [], network: false };
    assert.deepEqual(await judge("filesystem__read_file", { path: "src/a.ts" }), nothing);
    assert.deepEqual(await judge("filesystem__write_file", { path: "src/a.ts", content: "" }), nothing);
    assert.deepEqual(await judge("filesystem__search_text", { pattern: "/etc" }), nothing);
    assert.deepEqual(await judge("git__status", {}), nothing);
    assert.deepEqual(await judge("agents__ask_user", { question: "q" }), nothing);
  });

  it("names real places outside, through links as well", async () => {
    await symlink(bench.outside, join(bench.root, "link"));
    assert.deepEqual((await judge("filesystem__read_file", { path: "link/x" })).outside, [join(bench.outside, "x")]);
    assert.deepEqual((await judge("filesystem__move", { from: "a", to: "../b" })).outside, [join(bench.root, "..", "b")]);
    const patch = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- /dev/null\n+++ b/link/new\n@@ -0,0 +1 @@\n+n\n";
    assert.deepEqual((await judge("filesystem__edit_file", { patch })).outside, [join(bench.outside, "new")]);
  });

  it("knows protected places for writing, creation included, in any spelling", async () => {
    await mkdir(join(bench.root, ".vscode"));
    await symlink(".vscode", join(bench.root, "plain"));
    const paths = [
      ".git/config",
      ".agents/policy.yaml",
      ".vscode/tasks.json",
      "plain/tasks.json",
      ".github/workflows/ci.yml",
      ".env",
      ".env.local",
    ];
    for (const path of [
      ...paths,
      "sub/.ENV",
      ".mcp.json",
      ".claude/settings.json",
      ".vscode./tasks.json",
      ".ssh/config",
      ".husky/pre-commit",
    ])
      assert.equal((await judge("filesystem__write_file", { path, content: "" })).protected.length, 1, path);
    for (const path of ["src/env.ts", ".github/README.md", "agents/a.md", ".gitignore", ".env.example", "vscode/x", "environment"])
      assert.equal((await judge("filesystem__write_file", { path, content: "" })).protected.length, 0, path);
  });

  it("minds only secrets for reading", async () => {
    for (const path of [".env", "deploy/.env.production", ".npmrc", "keys/id_rsa", "server.pem"])
      assert.equal((await judge("filesystem__read_file", { path })).protected.length, 1, path);
    for (const path of [".vscode/settings.json", ".github/workflows/ci.yml", ".env.example"])
      assert.equal((await judge("filesystem__read_file", { path })).protected.length, 0, path);
  });

  it("reads a plain simple command word by word", async () => {
    const reach = await shell("npm run test -- --grep 'a b' \"c d\"");
    assert.deepEqual(reach, {
      certain: true,
      outside: [],
      protected: [],
      commands: [["npm", "run", "test", "--", "--grep", "a b", "c d"]],
      network: false,
    });
    assert.deepEqual((await shell("  git status  ")).commands, [["git", "status"]]);
    assert.deepEqual((await shell("echo 'it;s > fine'")).commands, [["echo", "it;s > fine"]]);
  });

  it("doubts everything else", async () => {
    const doubtful = [
      "a; b",
      "a && b",
      "a | b",
      "a & b",
      "a > f",
      "a < f",
      "echo $HOME",
      "echo `id`",
      "echo $(id)",
      "(a)",
      "{ a; }",
      "ls *",
      "ls ?",
      "ls [a]",
      "ls ~",
      "! a",
      "a # b",
      "a\\ b",
      "a\nb",
      "a\rb",
      'echo "$HOME"',
      'echo "`id`"',
      'echo "a\\"b"',
      "echo 'open",
      'echo "open',
      "X=1 cmd",
      "eval x",
      "exec x",
      "source x",
      ". x",
      "if true",
      "function f",
      "time x",
      "a\u0000b",
      "ec\u200bho x",
      "'a\u202eb'",
      "",
      "   ",
      "export X",
      "x".repeat(5000),
    ];
    for (const command of doubtful) {
      const reach = await shell(command);
      assert.deepEqual([reach.certain, reach.commands], [false, []], JSON.stringify(command));
    }
    assert.equal((await judge("shell__run", {})).certain, false);
    assert.equal((await judge("other__tool", {})).certain, false);
    assert.equal((await judge("filesystem__edit_file", { patch: "nonsense" })).certain, false);
  });

  it("sees paths in a command's words, options included", async () => {
    await mkdir(join(bench.root, "sub"));
    assert.deepEqual((await shell("cat /etc/hosts")).outside, ["/etc/hosts"]);
    assert.deepEqual((await shell("tool --file=/etc/hosts")).outside, ["/etc/hosts"]);
    assert.deepEqual((await shell("tool -o/etc/hosts")).outside, ["/etc/hosts"]);
    assert.deepEqual((await shell("cat ../x")).outside, [join(bench.root, "..", "x")]);
    assert.deepEqual((await shell("cat ../x", "sub")).outside, []);
    assert.deepEqual((await shell("ls", "..")).outside.length, 1);
    assert.deepEqual((await shell("cat .env")).protected, [".env"]);
  });

  it("knows programs that connect elsewhere", async () => {
    const connecting = [
      "curl https://x",
      "/usr/bin/wget x",
      "ssh h",
      "git push origin main",
      "git -C . fetch",
      "npm install x",
      "npm publish",
      "npx x",
      "pip install x",
      "yarn",
    ];
    for (const command of connecting) assert.equal((await shell(command)).network, true, command);
    for (const command of ["git status", "npm test", "npm run build", "cargo test", "node a.js"])
      assert.equal((await shell(command)).network, false, command);
    assert.equal((await shell("cat x | curl -d @- https://x")).network, true);
  });

  it("does not fail where the folder is gone", async () => {
    const gone = { root: join(bench.root, "gone"), writable: true };
    assert.equal((await bench.tools.judge("shell__run", { command: "ls" }, gone)).certain, false);
    assert.equal((await bench.tools.judge("filesystem__read_file", { path: "a" }, gone)).certain, false);
  });
});

// What is known of a call before it runs: its real places, its commands, and honest doubt.

import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Reach } from "../../src/core/ports.ts";
import { mindedOf, outsideOf } from "../../src/core/reach.ts";
import { judgeShellCall } from "../../src/tools/judge.ts";
import { openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

describe("judging a call", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.close());

  type Seen = Reach & { outside: string[]; protected: string[] };
  const judge = async (tool: string, args: unknown): Promise<Seen> => {
    const reach = await bench.tools.judge(tool, args, { root: bench.root, writable: true });
    return { ...reach, outside: outsideOf(reach), protected: mindedOf(reach) };
  };
  const shell = (command: string, cwd?: string): Promise<Seen> => judge("shell__run", { command, ...(cwd === undefined ? {} : { cwd }) });

  it("sees nothing to mind in an ordinary call", async () => {
    const calm = (reach: Seen) => [reach.certain, reach.outside, reach.protected, reach.commands, reach.network, reach.preimage];
    const nothing = [true, [], [], [], false, undefined];
    assert.deepEqual(calm(await judge("filesystem__read_file", { path: "src/a.ts" })), nothing);
    assert.equal(calm(await judge("filesystem__write_file", { path: "src/a.ts", content: "" })).at(-1), "absent");
    assert.deepEqual(calm(await judge("filesystem__search_text", { pattern: "/etc" })), nothing);
    assert.deepEqual(calm(await judge("git__status", {})), nothing);
    assert.deepEqual(calm(await judge("agents__ask_user", { question: "q" })), nothing);
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

  it("knows what decides what runs in the project, in the forms that other systems give to names", async () => {
    const paths = [
      ".git",
      "sub/.git/hooks/pre-commit",
      ".gitmodules",
      ".gitattributes",
      ".envrc",
      ".pre-commit-config.yaml",
      ".husky/_/h",
      ".npmrc",
      ".yarnrc.yml",
      ".devcontainer/devcontainer.json",
      ".idea/workspace.xml",
      ".circleci/config.yml",
      "bitbucket-pipelines.yml",
      ".claude/settings.local.json",
      "x.code-workspace",
    ];
    const forms = [
      ".GIT/config",
      ".git./config",
      ".git /config",
      ".git::$INDEX_ALLOCATION/config",
      "GIT~1/config",
      ".g\u200cit/config",
      ".ｇit/config",
    ];
    for (const path of [...paths, ...forms, ".VSCode/tasks.json", "VSCODE~1/tasks.json", ".env:stream", ".env.", "NPMRC~1"])
      assert.equal((await judge("filesystem__write_file", { path, content: "" })).protected.length, 1, path);
    for (const path of [
      "Makefile",
      "AGENTS.md",
      "CLAUDE.md",
      ".gitignore",
      ".editorconfig",
      "package.json",
      "src/git/x.ts",
      "env~",
      "etc/x",
      "usr/x",
    ])
      assert.equal((await judge("filesystem__write_file", { path, content: "" })).protected.length, 0, path);
  });

  it("knows more names outside of the project", async () => {
    const minded = async (command: string): Promise<boolean> => (await shell(command)).places.some((place) => place.minded);
    const written = [
      "~/.bashrc",
      "~/.zshenv",
      "~/.profile",
      "~/.gitconfig",
      "~/.config/git/config",
      "~/.config/systemd/user/x.service",
      "~/.config/autostart/x.desktop",
      "~/.config/Code/User/settings.json",
      "~/.config/Code - Insiders/User/tasks.json",
      "~/.config/VSCodium/User/settings.json",
      "~/.config/Cursor/User/settings.json",
      "~/.config/JetBrains/x/options/a.xml",
      "~/Library/LaunchAgents/x.plist",
      "~/Library/Application Support/Code/User/settings.json",
      "~/.agent-orchestrator/policy.yaml",
      "~/.claude/settings.json",
      "~/.codex/config.toml",
      "~/.npmrc",
      "~/.config/pip/pip.conf",
      "~/.cargo/config.toml",
      "~/.ssh/authorized_keys",
      "/var/spool/cron/root",
      "/etc/profile.d/x.sh",
      "/usr/local/bin/ls",
    ];
    for (const path of written) assert.equal(await minded(`echo x > ${path.replaceAll(" ", "\\ ")}`), true, path);
    for (const path of ["~/x.txt", "/tmp/x", "/srv/x"]) assert.equal(await minded(`echo x > ${path}`), false, path);
    const secret = [
      "/etc/shadow",
      "/proc/1/environ",
      "~/.ssh/id_ed25519",
      "~/.aws/credentials",
      "~/.netrc",
      "~/.config/google-chrome/Default/Cookies",
    ];
    for (const path of [...secret, "~/.local/share/keyrings/login.keyring", "~/.cargo/credentials.toml"])
      assert.equal(await minded(`cat ${path}`), true, path);
    for (const path of ["~/.bashrc", "/etc/hosts", "/proc/cpuinfo", "/usr/share/dict/words"])
      assert.equal(await minded(`cat ${path}`), false, path);
  });

  it("minds only secrets for reading", async () => {
    for (const path of [".env", "deploy/.env.production", ".npmrc", "keys/id_rsa", "server.pem"])
      assert.equal((await judge("filesystem__read_file", { path })).protected.length, 1, path);
    for (const path of [".vscode/settings.json", ".github/workflows/ci.yml", ".env.example"])
      assert.equal((await judge("filesystem__read_file", { path })).protected.length, 0, path);
  });

  it("minds a secret in the history as well", async () => {
    const revs = [
      "HEAD:.env",
      "HEAD:./sub/../.env",
      ":0:deploy/.env.production",
      ":keys/id_rsa",
      "HEAD^{/fix:x}:.npmrc",
      "HEAD:.env..HEAD:a",
    ];
    for (const rev of revs) assert.equal((await judge("git__show", { rev })).protected.length > 0, true, rev);
    await symlink(bench.outside, join(bench.root, "link"));
    for (const rev of ["HEAD", "HEAD~1", "HEAD:.env.example", "HEAD:src/env.ts", "HEAD:link/x", "HEAD..main"]) {
      const { outside, protected: places } = await judge("git__show", { rev });
      assert.deepEqual([outside, places], [[], []], rev);
    }
    assert.deepEqual((await judge("git__diff", { path: ".env" })).protected, [".env"]);
  });

  it("judges a link itself where it is to be deleted or moved", async () => {
    await symlink(bench.outside, join(bench.root, "link"));
    await bench.put(".vscode/tasks.json", "{}");
    await symlink(".vscode", join(bench.root, "plain"));
    for (const [tool, args] of [
      ["delete", { path: "link" }],
      ["move", { from: "link", to: "other" }],
    ] as const) {
      const { outside, protected: places } = await judge(`filesystem__${tool}`, args);
      assert.deepEqual([outside, places], [[], []], tool);
    }
    assert.equal((await judge("filesystem__delete", { path: "link/x" })).outside.length, 1);
    assert.equal((await judge("filesystem__write_file", { path: "link", content: "" })).outside.length, 1);
    assert.deepEqual((await judge("filesystem__delete", { path: "plain/tasks.json" })).protected, [".vscode/tasks.json"]);
    assert.equal((await bench.call("filesystem__delete", { path: "link" })).ok, true);
  });

  it("knows what comes to a protected place, or goes from it, with a folder", async () => {
    await mkdir(join(bench.root, "ci", "workflows"), { recursive: true });
    await mkdir(join(bench.root, "plain", "inner"), { recursive: true });
    await mkdir(join(bench.root, ".github", "workflows"), { recursive: true });
    await symlink(".", join(bench.root, "ci", "workflows", "e.yml"));
    const coming = [".github/workflows"];
    assert.deepEqual((await judge("filesystem__move", { from: "ci", to: ".github" })).protected, coming);
    assert.deepEqual((await judge("filesystem__move", { from: "plain", to: "ci/plain" })).protected, []);
    assert.deepEqual((await judge("filesystem__move", { from: ".github", to: "gh" })).protected, [".github"]);
    assert.deepEqual((await judge("filesystem__delete", { path: ".github" })).protected, [".github"]);
    assert.deepEqual((await judge("filesystem__delete", { path: "plain" })).protected, []);
    for (const command of [
      "mv ci .github",
      "cp -r ci/. .github/",
      "cp -a ci/* .github",
      "mv -T ci .github",
      "rm -rf .github",
      "mv .github gh",
    ])
      assert.notDeepEqual((await shell(command)).protected, [], command);
    assert.deepEqual((await shell("cp -r plain ci")).protected, []);
  });

  it("knows whether a program runs in the task's own folder", async () => {
    await mkdir(join(bench.root, "sub"));
    const aside = async (command: string, cwd?: string): Promise<boolean> =>
      (await shell(command, cwd)).commands.some((one) => one.aside === true);
    assert.deepEqual([await aside("npm test"), await aside("npm test", "."), await aside("npm test", "sub/..")], [false, false, false]);
    assert.deepEqual(
      [await aside("npm test", "sub"), await aside("env -C sub npm test"), await aside("cd sub && npm test")],
      [true, true, true],
    );
    assert.deepEqual([await aside('cd "$X" && npm test'), await aside("cat a | npm test | tail -5")], [true, false]);
  });

  it("minds our own data wherever it is kept", async () => {
    const kept = join(bench.outside, "data");
    const scope = { root: bench.root, writable: true, kept };
    const places = async (command: string): Promise<string[]> => mindedOf(await judgeShellCall({ command }, scope));
    assert.deepEqual(await places(`echo x > ${kept}/policy.yaml`), [join(kept, "policy.yaml")]);
    assert.deepEqual(await places(`cat ${kept}/store.db`), [join(kept, "store.db")]);
    assert.deepEqual(await places(`cat ${bench.outside}/other`), []);
  });

  it("knows what is there now, so that an approval can be bound to it", async () => {
    const preimage = async (tool: string, args: object): Promise<string | undefined> => (await judge(`filesystem__${tool}`, args)).preimage;
    await bench.put("a.txt", "one");
    const one = "sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
    const edit = { path: "a.txt", old: "one", new: "two" };
    const patch = { patch: "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n" };
    for (const [tool, args] of [
      ["write_file", { path: "a.txt", content: "x" }],
      ["edit_file", edit],
      ["edit_file", patch],
      ["delete", { path: "./a.txt" }],
    ] as const)
      assert.equal(await preimage(tool, args), one, tool);
    assert.equal(await preimage("delete", { path: "none/such" }), "absent");
    assert.equal(await preimage("read_file", { path: "a.txt" }), undefined);
    const move = { from: "a.txt", to: "b.txt" };
    const before = await preimage("move", move);
    assert.notEqual(before, one);
    await bench.put("b.txt", "in the way");
    assert.notEqual(await preimage("move", move), before);
    await bench.put("a.txt", "onf");
    assert.notEqual(await preimage("edit_file", edit), one);
    await symlink("a.txt", join(bench.root, "link"));
    assert.equal(await preimage("write_file", { path: "link", content: "" }), await preimage("edit_file", edit));
    assert.notEqual(await preimage("delete", { path: "link" }), await preimage("edit_file", edit));
    for (const path of ["../outside/x", ".env"]) assert.equal(await preimage("write_file", { path, content: "" }), undefined, path);
  });

  it("takes of a large file the beginning and the size", async () => {
    const preimage = async (): Promise<string | undefined> => (await judge("filesystem__delete", { path: "large" })).preimage;
    await bench.put("large", Buffer.alloc(5 * 1024 * 1024));
    const before = await preimage();
    await bench.put("large", Buffer.alloc(5 * 1024 * 1024 + 1));
    assert.match((await preimage())!, /^sha256:/);
    assert.notEqual(await preimage(), before);
  });

  it("reads a plain simple command word by word", async () => {
    const words = async (command: string): Promise<string[][]> => (await shell(command)).commands.map((one) => one.words);
    const text = "npm run test -- --grep 'a b' \"c d\"";
    const reach = await shell(text);
    assert.deepEqual([reach.certain, reach.outside, reach.protected, reach.network, reach.text], [true, [], [], false, text]);
    assert.deepEqual(await words(text), [["npm", "run", "test", "--", "--grep", "a b", "c d"]]);
    assert.deepEqual(await words("  git status  "), [["git", "status"]]);
    assert.deepEqual(await words("echo 'it;s > fine'"), [["echo", "it;s > fine"]]);
  });

  it("doubts what is empty, broken, deceptive or too long", async () => {
    const doubtful = [
      "",
      "   ",
      "echo 'open",
      'echo "open',
      "if true",
      "(",
      "a\u0000b",
      "a\rb",
      "ec\u200bho x",
      "'a\u202eb'",
      "x".repeat(20_000),
    ];
    for (const command of doubtful) {
      const { certain, doubts, text } = await shell(command);
      assert.deepEqual([certain, doubts.length > 0, text], [false, true, command], JSON.stringify(command));
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

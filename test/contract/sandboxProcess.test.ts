// The sandbox `process` with a real bubblewrap: what a command can write, read and reach, and that ordinary ones work.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { needsSandbox, openSandboxBench, type SandboxBench } from "../support/sandboxBench.ts";
import { codeOf } from "./toolsFixture.ts";

describe("the sandbox for processes", () => {
  let bench: SandboxBench;

  before(async function () {
    await needsSandbox(this);
    bench = await openSandboxBench({
      env: { ANTHROPIC_API_KEY: "sk-secret", GITHUB_TOKEN: "ghp_secret", LD_PRELOAD_HINT: "x", HTTPS_PROXY: "" },
    });
  });
  after(() => bench?.close());

  it("says where a command ran, and gives its output and its code as they are", async () => {
    const good = await bench.run("echo one; echo two >&2; echo three");
    assert.equal(good.content, "one\ntwo\nthree\nexit code 0");
    assert.equal((good.details as { sandbox: string }).sandbox, "process");
    const bad = await bench.run("exit 7");
    assert.deepEqual([codeOf(bad), bad.content], ["exit_nonzero", "exit code 7"]);
  });

  it("lets a command write in its task's folder, and keeps it", async () => {
    assert.equal((await bench.run("mkdir -p deep/er && echo kept > deep/er/file")).ok, true);
    assert.equal(await bench.get("data/worktrees/s_1/t_1/deep/er/file"), "kept\n");
  });

  it("writes nowhere else: the project, the home, the system, our data, another task's folder", async () => {
    const other = join(bench.dataDir, "worktrees", "s_1", "t_2");
    await mkdir(other, { recursive: true });
    const places = [bench.workspace, bench.home, bench.dataDir, other, bench.base, "/tmp", "/var/tmp", "/etc", "/usr", "/"];
    const mark = `mark-${process.pid}`;
    await bench.run(places.map((place) => `: > '${place}/${mark}'`).join("; "));
    assert.deepEqual(
      places.filter((place) => existsSync(join(place, mark))),
      [],
    );
    const refused = await bench.run(`: > '${bench.workspace}/${mark}'`);
    assert.match(refused.content, /Read-only file system/);
  });

  it("has temporary folders and a home of its own that are empty each time", async () => {
    const first = await bench.run('echo x > "$TMPDIR/left"; echo x > ~/left; echo x > /tmp/left; ls ~ /tmp | grep -c left');
    assert.match(first.content, /^[23]\n/);
    assert.equal((await bench.run("ls -a ~ /tmp | grep left")).content, "exit code 1");
  });

  it("keeps the project's caches between commands", async () => {
    await bench.run('mkdir -p "$npm_config_cache" && echo x > "$npm_config_cache/kept"');
    assert.equal((await bench.run('cat "$npm_config_cache/kept"')).content, "x\nexit code 0");
  });

  it("reads no secrets: keys, tokens, browsers, our data", async () => {
    const secrets = [".ssh/id_ed25519", ".aws/credentials", ".config/gcloud/token", ".netrc", ".npmrc", ".mozilla/cookies"];
    for (const path of secrets) await bench.put(`home/${path}`, "s3cret");
    await bench.put("data/store.db", "s3cret");
    await bench.put("data/worktrees/s_1/t_2/file", "s3cret");
    await bench.put("home/plain.txt", "plain");
    const places = [...secrets.map((path) => join(bench.home, path)), join(bench.dataDir, "store.db"), `${bench.root}/../t_2/file`];
    for (const place of places) assert.ok(!(await bench.run(`cat '${place}'`)).content.includes("s3cret"), place);
    assert.equal((await bench.run(`cat '${bench.home}/plain.txt'`)).content, "plain\nexit code 0", "control");
  });

  it("inherits no secrets, whatever they are called", async () => {
    const { content } = await bench.run("env; cat /proc/1/environ /proc/*/environ 2>/dev/null | tr '\\0' '\\n'");
    assert.ok(!/sk-secret|ghp_secret/.test(content), content);
  });

  it("leads nowhere by a link out of its folder", async () => {
    await symlink(bench.workspace, join(bench.root, "way-out"));
    await bench.run("echo x > way-out/by-link; ln -s /etc/made-by-link new-link; echo x > new-link");
    assert.equal(existsSync(join(bench.workspace, "by-link")), false);
    assert.equal(existsSync("/etc/made-by-link"), false);
  });

  it("changes neither hooks nor configuration of git, nor puts another repository in its place", async () => {
    const before = await bench.get("data/worktrees/s_1/t_1/.git/config");
    const tries = [
      "echo x > .git/hooks/pre-commit",
      "echo x >> .git/config",
      "rm -f .git/config && echo x > .git/config",
      "mv .git moved && mkdir -p .git/hooks && echo x > .git/hooks/pre-commit",
      "rm -rf .git/hooks; ln -s /tmp .git/hooks",
    ];
    for (const command of tries) await bench.run(command);
    assert.deepEqual(readdirSync(join(bench.root, ".git", "hooks")), []);
    assert.equal(await bench.get("data/worktrees/s_1/t_1/.git/config"), before);
  });

  it("loosens nothing of what holds it: no mount, no unmount, no world of its own making", async () => {
    const hooks = join(bench.root, ".git", "hooks");
    const tries = [`umount '${hooks}'`, "mount -t tmpfs none /mnt", "unshare --user --map-root-user --mount true", "mount -o remount,rw /"];
    for (const command of tries) assert.equal((await bench.run(command)).ok, false, command);
    await bench.run(`umount '${hooks}'; echo x > .git/hooks/pre-commit; kill -9 ${process.pid}`);
    assert.deepEqual(readdirSync(hooks), []);
  });

  it("talks to no other program by its socket", async () => {
    const socket = join(bench.root, "program.sock");
    let heard = 0;
    const server = createServer(() => (heard += 1)).on("connection", () => (heard += 1));
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const script = `require("node:net").connect("${socket}").on("connect", () => console.log("connected")).on("error", ({ code }) => console.log(code))`;
    const { content } = await bench.run(`'${process.execPath}' -e '${script}'`);
    server.close();
    assert.match(content, /^E[A-Z]+\n/);
    assert.equal(heard, 0);
  });

  it("leaves no files of its own behind in the folder", async () => {
    const before = readdirSync(bench.root, { recursive: true }).length;
    await Promise.all([bench.run("true"), bench.run("true"), bench.run("true")]);
    assert.equal(readdirSync(bench.root, { recursive: true }).length, before);
  });

  it("makes no repository where there was none", async () => {
    const bare = await openSandboxBench();
    execFileSync("rm", ["-rf", join(bare.root, ".git")]);
    await bare.run("git init . ; mkdir .git; echo x > .git/config");
    assert.equal(existsSync(join(bare.root, ".git", "config")), false);
    await bare.close();
  });

  it("runs ordinary commands: node, npm test, git, python", async () => {
    await bench.put("data/worktrees/s_1/t_1/package.json", '{ "type": "module", "scripts": { "test": "node --test" } }');
    await bench.put("data/worktrees/s_1/t_1/one.test.js", 'import test from "node:test";\ntest("one", () => {});\n');
    const tested = await bench.run("npm test");
    assert.match(tested.content, /pass 1[\s\S]*exit code 0$/);
    const git = await bench.run("rm -rf r && mkdir r && cd r && git init -q . && git status --short --branch");
    assert.match(git.content, /No commits yet/);
    const python = await bench.run("command -v python3 >/dev/null || exit 99; python3 -c 'import tempfile; print(tempfile.mkdtemp()[:4])'");
    assert.match(python.content, /^\/tmp\nexit code 0$|exit code 99$/);
  });
});

describe("the sandbox's network", () => {
  const servers: Server[] = [];

  before(async function () {
    await needsSandbox(this);
  });
  after(() => servers.forEach((server) => server.close()));

  async function serve(words: string): Promise<number> {
    const server = createServer((_, response) => response.end(words));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  /** Through the proxy that the sandbox names, as every client does for names that are not its own machine's. */
  function ask(port: number): string {
    const script = `
      const proxy = new URL(process.env.HTTP_PROXY);
      const auth = "Basic " + Buffer.from(decodeURIComponent(proxy.username) + ":" + proxy.password).toString("base64");
      require("node:http").get({ host: proxy.hostname, port: proxy.port, path: "http://localhost:${port}/",
        headers: { host: "localhost:${port}", "proxy-authorization": auth } }, (answer) => {
        let text = ""; answer.on("data", (part) => text += part).on("end", () => console.log(answer.statusCode, text)); });`;
    return `'${process.execPath}' -e '${script}'`;
  }

  it("is none without a list: neither by the proxy nor past it", async () => {
    const bench = await openSandboxBench();
    const port = await serve("answered");
    const past = await bench.run(`exec 3<>/dev/tcp/127.0.0.1/${port}`);
    assert.match(past.content, /Connection refused/);
    const by = await bench.run(ask(port));
    assert.ok(!by.content.includes("answered"), by.content);
    assert.match(by.content, /^403 /);
    await bench.close();
  });

  it("is for each of two lists at the same time what that one says, and nothing of the other", async () => {
    const [first, second] = [await serve("the first"), await serve("the second")];
    const lists = [first, second].map((port) => ({ mode: "process" as const, network: [`localhost:${port}`] }));
    const benches = await Promise.all(lists.map((policy) => openSandboxBench({ policy })));
    const answers = await Promise.all(benches.flatMap((bench) => [first, second].map((port) => bench.run(ask(port)))));
    const seen = answers.map(({ content }) => content.split("\n")[0]!.slice(0, 14));
    assert.equal(seen[0], "200 the first");
    assert.match(seen[1]!, /^403 /);
    assert.match(seen[2]!, /^403 /);
    assert.equal(seen[3], "200 the second");
    await Promise.all(benches.map((bench) => bench.close()));
  });
});

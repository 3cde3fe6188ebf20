// The sandbox `container` with a real engine: no network, nothing writable but the task's folder, limits that the kernel
// holds, and no container left, whether it ended, was cancelled or lost its master.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { SandboxWish } from "../../src/core/sandboxPort.ts";
import { until } from "../support/ao.ts";
import { containerImage } from "../support/containerImage.ts";
import { needsSandbox, openSandboxBench, type SandboxBench } from "../support/sandboxBench.ts";
import { codeOf } from "./toolsFixture.ts";

describe("the sandbox in a container", () => {
  let bench: SandboxBench;

  before(async function () {
    this.timeout(300_000);
    const made = await containerImage();
    if ("missing" in made) {
      const suite = this.test?.parent;
      if (suite) suite.title += ` (not run: ${made.missing})`;
      return this.skip();
    }
    const container = { image: made.image, engine: "podman" as const, runtime: "runc" };
    const policy: SandboxWish = { mode: "container", container, memoryMb: 200, pids: 50, cpu: 1 };
    await needsSandbox(this, policy);
    bench = await openSandboxBench({ policy, env: { GITHUB_TOKEN: "ghp_secret" } });
    return undefined;
  });
  after(() => bench?.close());

  const containers = (): string[] =>
    execFileSync("podman", ["ps", "--all", "--format={{.Names}}"], { encoding: "utf8" })
      .split("\n")
      .filter((name) => name.startsWith("ao-"));

  it("runs a command in the task's folder, at its own path, and its files are the user's", async () => {
    const result = await bench.run("pwd; echo out >&2; echo kept > kept; exit 3");
    assert.equal(result.content, `${bench.root}\nout\nexit code 3`);
    assert.equal((result.details as { sandbox: string }).sandbox, "container");
    assert.equal(await bench.get("data/worktrees/s_1/t_1/kept"), "kept\n");
    assert.equal(statSync(join(bench.root, "kept")).uid, process.getuid?.());
    assert.deepEqual(containers(), []);
  });

  it("has no network, no rights, no secrets, and writes nowhere else", async () => {
    const { content } = await bench.run(
      [
        "cat /proc/net/dev | tr -d ' ' | grep -c :",
        "grep CapEff /proc/self/status",
        "grep NoNewPrivs /proc/self/status",
        "touch /bin/x /etc/x /x",
        `ls '${bench.workspace}' '${bench.dataDir}/..'`,
        "env",
        "touch /tmp/mine && echo temporary files work",
      ].join("; "),
    );
    assert.match(content, /^1\n/, "nothing but its own loopback");
    assert.match(content, /CapEff:\s+0+\n/);
    assert.match(content, /NoNewPrivs:\s+1\n/);
    assert.equal(content.match(/Read-only file system/g)?.length, 3, content);
    assert.ok(!/ghp_secret/.test(content));
    assert.match(content, /temporary files work/);
    assert.ok(!existsSync("/bin/x") && !existsSync("/x"));
  });

  it("holds to the memory and the number of processes", async () => {
    const many = await bench.run("for i in $(seq 80); do sleep 5 & done; echo started");
    assert.match(many.content, /Resource temporarily unavailable|fork: retry|Cannot fork/);
    const hog = await bench.run("x=x; while true; do x=$x$x; done");
    assert.deepEqual([codeOf(hog), (hog.details as { limit?: string }).limit], ["limit", "memory"], hog.content);
    assert.deepEqual(containers(), []);
  });

  it("ends with a cancel, with a timeout, and leaves no container", async () => {
    const controller = new AbortController();
    const running = bench.run("touch begun; trap '' TERM; setsid sleep 300 & sleep 300", { signal: controller.signal });
    await until(() => existsSync(join(bench.root, "begun")), "the command");
    controller.abort();
    assert.equal(codeOf(await running), "cancelled");
    assert.deepEqual(containers(), []);
    assert.equal(codeOf(await bench.run("sleep 300", { timeoutMs: 1500 })), "timeout");
    assert.deepEqual(containers(), []);
  });

  it("removes what a killed program left", async () => {
    const gone = spawn("true");
    await once(gone, "exit");
    const left = `ao-${gone.pid}-left`;
    const image = (await containerImage()) as { image: string };
    const limits = ["--ulimit=nproc=4096:4096", "--ulimit=nofile=4096:4096"];
    const label = `--label=agent-orchestrator.process=${gone.pid}`;
    execFileSync("podman", [
      "run",
      "--detach",
      "--runtime=runc",
      "--network=none",
      ...limits,
      `--name=${left}`,
      label,
      image.image,
      "sleep",
      "300",
    ]);
    assert.deepEqual(containers(), [left], "control");
    const next = await openSandboxBench({
      policy: { mode: "container", container: { image: image.image, engine: "podman", runtime: "runc" } },
    });
    await next.run("true");
    assert.deepEqual(containers(), []);
    await next.close();
  });
});

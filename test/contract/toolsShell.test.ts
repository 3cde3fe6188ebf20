// What shell__run promises: a fresh shell, bounded output, nothing left running, no secrets.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, openBench } from "./toolsFixture.ts";
import type { Bench } from "./toolsFixture.ts";

type Details = { exitCode: number | null; durationMs: number; outputHash: string; truncated: boolean };

describe("shell__run", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench({
      shell: { env: { ...process.env, ANTHROPIC_API_KEY: "sk-secret", GITHUB_TOKEN: "ghp_secret", AO_TOKEN: "t" } },
    });
  });
  afterEach(() => bench.close());

  const run = (args: object, signal?: AbortSignal): ReturnType<Bench["call"]> => bench.call("shell__run", args, {}, signal);

  it("answers with both outputs in their order and the exit code last", async () => {
    const result = await run({ command: "echo one; echo two >&2; echo three" });
    assert.equal(result.content, "one\ntwo\nthree\nexit code 0");
    const details = result.details as Details;
    assert.equal(details.outputHash, `sha256:${createHash("sha256").update("one\ntwo\nthree\n").digest("hex")}`);
    assert.deepEqual([details.exitCode, details.truncated], [0, false]);
  });

  it("reports failures by code", async () => {
    const failed = await run({ command: "echo no; exit 7" });
    assert.equal(codeOf(failed), "exit_nonzero");
    assert.equal(failed.content, "no\nexit code 7");
    assert.equal((failed.details as Details).exitCode, 7);
    assert.equal(codeOf(await run({ command: "no-such-program-here" })), "no_such_command");
    assert.equal(codeOf(await run({ command: "kill -KILL $$" })), "killed");
    assert.equal(codeOf(await run({ command: "" })), "invalid_arguments");
    assert.equal(codeOf(await run({ command: "true", timeoutMs: 10_000_000 })), "invalid_arguments");
  });

  it("runs in the task's folder or one inside it, never outside", async () => {
    await mkdir(join(bench.root, "sub"));
    await symlink(bench.outside, join(bench.root, "link"));
    assert.equal((await run({ command: "pwd" })).content, `${bench.root}\nexit code 0`);
    assert.equal((await run({ command: "pwd", cwd: "sub" })).content, `${bench.root}/sub\nexit code 0`);
    assert.equal(codeOf(await run({ command: "pwd", cwd: "link" })), "outside");
    assert.equal(codeOf(await run({ command: "pwd", cwd: ".." })), "outside");
    assert.equal(codeOf(await run({ command: "pwd", cwd: "none" })), "not_found");
  });

  it("carries no state over and hands down no secrets", async () => {
    await run({ command: "cd /; export X=1" });
    assert.equal((await run({ command: 'echo "$PWD [$X]"' })).content, `${bench.root} []\nexit code 0`);
    const { content } = await run({ command: "env" });
    assert.ok(!/secret|AO_TOKEN|API_KEY/.test(content), content);
    assert.match(content, /^PATH=/m);
  });

  it("tells its output as it comes, in whole letters", async () => {
    const parts: string[] = [];
    const command = "echo begun; until [ -e go ]; do sleep 0.02; done; printf '\\303'; sleep 0.1; printf '\\244 end\\n'";
    const never = new AbortController().signal;
    const running = bench.call("shell__run", { command }, { onOutput: (text) => void parts.push(text) }, never);
    while (!parts.join("").includes("begun")) await new Promise((resolve) => setTimeout(resolve, 5));
    await bench.put("go", "");
    assert.equal((await running).content, "begun\nä end\nexit code 0");
    assert.equal(parts.join(""), "begun\nä end\n");
  });

  it("closes the input, so that a question does not wait", async () => {
    assert.equal((await run({ command: "cat; echo end" })).content, "end\nexit code 0");
  });

  it("shortens a flood, keeps it whole as an artifact up to a bound, and hashes every byte", async () => {
    const medium = await run({ command: "seq 1 20000" });
    assert.ok(medium.content.length <= 25_000 && medium.content.startsWith("1\n2\n") && medium.content.endsWith("20000\nexit code 0"));
    assert.match(medium.content, /lines left out/);
    const whole = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join("");
    assert.equal(bench.saved[0], `${whole}exit code 0`);
    assert.equal(medium.artifact?.hash, "sha256:saved1");
    const flood = await run({ command: "yes 0123456789 | head -c 30000000; echo; echo tail" });
    assert.equal((flood.details as Details).truncated, true);
    assert.ok(flood.content.endsWith("tail\nexit code 0"));
    assert.ok(bench.saved[1]!.length < 6_000_000);
    const hash = createHash("sha256").update("0123456789\n".repeat(2_727_273).slice(0, 30_000_000)).update("\ntail\n").digest("hex");
    assert.equal((flood.details as Details).outputHash, `sha256:${hash}`);
  });

  it("stops at the given time with all that was started, and keeps the output so far", async () => {
    const result = await run({ command: "echo begun; (sleep 600 & echo $! > child; wait) & wait", timeoutMs: 300 });
    assert.equal(codeOf(result), "timeout");
    assert.match(result.content, /^begun\n/);
    await assertEnded("child");
  });

  it("is cancelled with its grandchildren, though they ignore the signal or leave the session", async () => {
    const controller = new AbortController();
    const script = [
      "bash -c 'trap \"\" TERM; echo $$ > stubborn; while :; do sleep 0.05; done' &",
      "setsid sleep 600 & echo $! > own-session",
      "sleep 600 & echo $! > plain; touch ready; wait",
    ].join("\n");
    const running = run({ command: script }, controller.signal);
    for (const file of ["ready", "stubborn", "own-session", "plain"]) await appears(file);
    controller.abort();
    assert.equal(codeOf(await running), "cancelled");
    for (const file of ["stubborn", "own-session", "plain"]) await assertEnded(file);
  });

  it("ends what a command leaves in the background, and does not wait for it", async () => {
    const result = await run({ command: "sleep 600 & echo $! > left; echo done" });
    assert.equal(result.content, "done\nexit code 0");
    await assertEnded("left");
  });

  it("does not begin when it is cancelled already", async () => {
    assert.equal(codeOf(await run({ command: "touch begun" }, AbortSignal.abort())), "cancelled");
    await assert.rejects(bench.get("begun"), { code: "ENOENT" });
  });

  async function appears(file: string): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      if ((await bench.get(file).catch(() => undefined)) !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail(`${file} did not appear`);
  }

  /** A killed process may linger for a moment until it is reaped; a zombie counts as ended. */
  async function assertEnded(file: string): Promise<void> {
    const pid = Number(await bench.get(file));
    assert.ok(pid > 1);
    for (let tries = 0; tries < 100; tries++) {
      if (!(await isRunning(pid))) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    process.kill(pid, "SIGKILL");
    assert.fail(`the process of ${file} was still running`);
  }

  async function isRunning(pid: number): Promise<boolean> {
    try {
      process.kill(pid, 0);
      const status = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
      return status.slice(status.lastIndexOf(")")).charAt(2) !== "Z";
    } catch {
      return false;
    }
  }
});
